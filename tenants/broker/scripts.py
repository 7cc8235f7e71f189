"""What Redis does in one step, so that no other process can come in between.

A token lives under its name, the lease to fetch it under that name and ``LOCK_SUFFIX``, the lease
to renew it ahead of its end under that name and ``AHEAD_SUFFIX``. The index of a grant lists the
names of its tokens from the moment somebody starts to fetch them.
"""

LOCK_SUFFIX = ":lock"
AHEAD_SUFFIX = ":ahead"
LEASED = 1

#: The value and how many milliseconds it still lives, both in one round trip.
FIND = """
return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}
"""

#: What FIND returns if it is there; else LEASED if the lease was free and is now ours, else 0.
ENTER = """
local value = redis.call('GET', KEYS[1])
if value then return {value, redis.call('PTTL', KEYS[1])} end
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
redis.call('SADD', KEYS[3], KEYS[1])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
return 1
"""

#: 1 if the token is there and the lease to renew it is now ours. A token that is always renewed is
#: never entered for again, so this too keeps its index alive.
AHEAD = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
redis.call('SADD', KEYS[3], KEYS[1])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
return 1
"""

#: 1 if the lease was still ours: the value is stored and the lease is gone.
PUBLISH = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return redis.call('DEL', KEYS[2])
"""

#: Delete a key only while it holds what we think it holds.
DROP_IF = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""

#: Delete all that an index lists, and return it, each name followed by its value. A fetch under way
#: loses its lease, so it cannot publish.
FORGET = f"""
local found = {{}}
for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local value = redis.call('GET', name)
  if value then
    found[#found + 1] = name
    found[#found + 1] = value
  end
  redis.call('DEL', name, name .. '{LOCK_SUFFIX}', name .. '{AHEAD_SUFFIX}')
end
redis.call('DEL', KEYS[1])
return found
"""

# --- budgets ----------------------------------------------------------------------------------
#
# What `tenants.okta.budgets.Ledger` does, for all processes at once and by the clock of Redis, in
# milliseconds. Keys: the window of a bucket (hash), the places of an org (leases by the time they
# run out), and the state of an org (hash). The arguments are named where they are read.

#: A window that nobody asks about is forgotten; longer than Okta's, or any hold on it, can last.
WINDOW_LIFE_MS = 300_000

# A clock that was set back leaves moments far ahead, which nobody shall wait for.
_NOW = f"""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local horizon = now + {WINDOW_LIFE_MS}
local function moment(told)
  local at = tonumber(told or 0)
  return at > horizon and 0 or at
end
"""

NO_PLACE = -1

#: 0 if the request may be sent, NO_PLACE, or milliseconds to wait.
ASK = f"""
{_NOW}
local allowance, untold_allowance, lease, interactive = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1'
local lease_ms, window_ms, places, wanted_ms = ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8]

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[2], horizon, '+inf')
local in_flight = redis.call('ZCARD', KEYS[2])
local window = redis.call('HMGET', KEYS[1], 'ends', 'used', 'untold', 'held_until', allowance)
local ends, used = moment(window[1]), tonumber(window[2] or 0)
local held_until, ours = moment(window[4]), window[5]

if held_until > now then return held_until - now end
if ends <= now then
  ends, used = now + window_ms, in_flight + (window[3] or 0)
  redis.call('HSET', KEYS[1], 'ends', ends, 'used', used, 'untold', 0, 'told', 0)
  redis.call('PEXPIRE', KEYS[1], {WINDOW_LIFE_MS})
end
if used >= tonumber(ours or untold_allowance) then return ends - now end

local org = redis.call('HMGET', KEYS[3], 'crowded_until', 'wanted_until')
if not ours or moment(org[1]) > now then places = 1 end
if not interactive and moment(org[2]) > now then places = places - 1 end
if in_flight >= places then
  if interactive then
    redis.call('HSET', KEYS[3], 'wanted_until', now + wanted_ms)
    redis.call('PEXPIRE', KEYS[3], {WINDOW_LIFE_MS})
  end
  return {NO_PLACE}
end
redis.call('HINCRBY', KEYS[1], 'used', 1)
redis.call('ZADD', KEYS[2], now + lease_ms, lease)
redis.call('PEXPIRE', KEYS[2], lease_ms)
return 0
"""

#: Gives the place back and learns; ``every`` is '' when the answer announced nothing.
SETTLE = f"""
{_NOW}
local lease, took_ms, every, background = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local ends_in_ms, hold_ms, crowded_ms = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])
local rounding_ms, doubt_ms = ARGV[8], ARGV[9]

redis.call('ZREM', KEYS[2], lease)
local window = redis.call('HMGET', KEYS[1], 'ends', 'untold', 'told', 'held_until', 'every')
local ends, told, ours = moment(window[1]), window[3] == '1', window[5]

if hold_ms > 0 then
  redis.call('HSET', KEYS[1], 'held_until', math.max(moment(window[4]), now + hold_ms))
end
if crowded_ms > 0 then
  redis.call('HSET', KEYS[3], 'crowded_until', now + crowded_ms)
  redis.call('PEXPIRE', KEYS[3], {WINDOW_LIFE_MS})
end
if every == '' then
  if ours then redis.call('HINCRBY', KEYS[1], 'untold', 1) end
else
  local earliest = now - took_ms + ends_in_ms - rounding_ms
  local later = told and now >= ends - doubt_ms and earliest > ends
  if later then
    local used = 1 + redis.call('ZCARD', KEYS[2]) + (window[2] or 0)
    redis.call('HSET', KEYS[1], 'used', used, 'untold', 0)
  end
  if later or not told then
    redis.call('HSET', KEYS[1], 'ends', now + ends_in_ms, 'told', 1)
  end
  if later or not told or tonumber(every) < tonumber(ours) then
    redis.call('HSET', KEYS[1], 'every', every, 'background', background)
  end
end
redis.call('PEXPIRE', KEYS[1], {WINDOW_LIFE_MS})
return 0
"""

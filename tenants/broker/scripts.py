"""What Redis does in one step, so that no other process can come in between.

A token lives under its name, the lease to fetch it under that name and ``LOCK_SUFFIX``. The index
of a grant lists the names of its tokens from the moment somebody starts to fetch them.
"""

LOCK_SUFFIX = ":lock"
LEASED = 1

#: The value if it is there; else LEASED if the lease was free and is now ours, else 0.
ENTER = """
local value = redis.call('GET', KEYS[1])
if value then return value end
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

#: Delete all that an index lists. A fetch under way loses its lease, so it cannot publish.
FORGET = f"""
for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  redis.call('DEL', name, name .. '{LOCK_SUFFIX}')
end
return redis.call('DEL', KEYS[1])
"""

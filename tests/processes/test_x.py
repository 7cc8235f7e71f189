import pytest, redis, socket
from django.db import connection
@pytest.mark.django_db
def test_db(redis_server):
    print(connection.vendor, connection.settings_dict["NAME"])
    connection.cursor().execute("select 1")
    assert redis.Redis.from_url(redis_server).ping()
def test_net():
    with pytest.raises(RuntimeError): socket.create_connection(("1.2.3.4",80))

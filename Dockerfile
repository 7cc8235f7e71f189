# Production image of the service; docker-compose.yml starts it four times.

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
COPY requirements/runtime.lock /tmp/runtime.lock
RUN /opt/venv/bin/pip install --require-hashes --no-deps --only-binary :all: -r /tmp/runtime.lock
WORKDIR /app
COPY manage.py ./
COPY oin_service oin_service
COPY tenants tenants
COPY templates templates
# No key takes part in collecting static files, but settings insist on one.
RUN SECRET_KEY=unused STATIC_ROOT=/app/static /opt/venv/bin/python manage.py collectstatic --noinput

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STATIC_ROOT=/app/static
RUN useradd --system --uid 10001 --user-group --no-create-home hub
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
EXPOSE 8000
# The control socket and heartbeat files would need a writable disk.
CMD ["gunicorn", "oin_service.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]

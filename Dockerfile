# The service, for docs/deploy.md. Two stages: what builds is not in what runs.

FROM python:3.12-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /venv
COPY .ci/requirements/run.lock .ci/requirements/run.lock
RUN /venv/bin/pip install --no-cache-dir --require-hashes --requirement .ci/requirements/run.lock
COPY pyproject.toml README.md CHANGELOG.md LICENSE ./
COPY genui genui
COPY components components
COPY docs docs
# Hashed requirements come first, so the extra may add only what they do not have: the client for Redis.
RUN /venv/bin/pip install --no-cache-dir --no-build-isolation ".[redis]"

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/genui genui
COPY --from=build /venv /venv
USER genui
WORKDIR /var/lib/genui
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
EXPOSE 8000
VOLUME /var/lib/genui
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# In the list form, SIGTERM reaches the server: it lets answers finish (--drain) and then ends.
ENTRYPOINT ["genui", "serve", "--host", "0.0.0.0", "--port", "8000"]

# syntax=docker/dockerfile:1
# One image for the web process and the worker; docker-compose.yml says which is which.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/maskwright
ENV PATH=/opt/maskwright/bin:$PATH
WORKDIR /src
# PyTorch first and from the index without CUDA, which alone would be several gigabytes; the
# layer is made again only when the constraints change.
COPY constraints.txt ./
RUN pip install -c constraints.txt --no-deps --index-url https://download.pytorch.org/whl/cpu torch
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY server server
COPY models models
COPY frontend frontend
COPY migrations migrations
RUN pip install -c constraints.txt .

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home maskwright \
    && install -d -o maskwright -g maskwright /data
COPY --from=build /opt/maskwright /opt/maskwright
ENV PATH=/opt/maskwright/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MASKWRIGHT_DATA_DIR=/data
USER maskwright
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/api/v1/health', timeout=2)"]
CMD ["maskwright", "serve", "--host", "0.0.0.0", "--port", "8080"]

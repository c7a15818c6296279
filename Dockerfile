# The published folder, which brings its own runtime, at /opt/kafka, with the paths, user and start script of the apache/kafka image.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/KafkaCompatBroker.Host -c Release -o /opt/kafka

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0
RUN apt-get update \
 && apt-get install -y --no-install-recommends liblz4-1 libzstd1 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --shell /bin/bash appuser \
 && mkdir -p /etc/kafka/docker /etc/kafka/secrets /var/lib/kafka/data /mnt/shared/config \
 && chown -R appuser /etc/kafka /var/lib/kafka /mnt/shared/config
COPY --from=build --chown=appuser /opt/kafka /opt/kafka
COPY --chown=appuser src/KafkaCompatBroker.Host/docker/run /etc/kafka/docker/run
USER appuser
EXPOSE 9092
VOLUME ["/etc/kafka/secrets", "/var/lib/kafka/data", "/mnt/shared/config"]
CMD ["/etc/kafka/docker/run"]

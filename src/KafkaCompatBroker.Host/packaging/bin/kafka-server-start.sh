#!/bin/bash
# Starts the node that a properties file describes; stands where Apache Kafka's script of this name stood.
#   kafka-server-start.sh [-daemon] server.properties [--override property=value]...
# With -daemon the node runs in the background and its output goes to $LOG_DIR/kafkaServer.out (LOG_DIR: the folder's logs/).
script=${BASH_SOURCE[0]}
while [ -L "$script" ]; do
  link=$(readlink "$script")
  case $link in /*) script=$link ;; *) script=${script%/*}/$link ;; esac
done
home=$(cd "${script%/*}/.." && pwd)

daemon=
if [ "$1" = -daemon ]; then daemon=yes; shift; fi
if [ $# -lt 1 ]; then
  echo "USAGE: $0 [-daemon] server.properties [--override property=value]*"
  exit 1
fi

# The runtime finds itself in the usual places; a dotnet that is only on the PATH needs this.
if [ -z "$DOTNET_ROOT" ] && [ ! -d /usr/share/dotnet ] && [ ! -d /usr/lib/dotnet ] && [ ! -e /etc/dotnet ] && command -v dotnet > /dev/null; then
  DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")
  export DOTNET_ROOT
fi

if [ -z "$daemon" ]; then exec "$home/kafka-broker" start "$@"; fi
logs=${LOG_DIR:-$home/logs}
mkdir -p "$logs" || exit 1
nohup "$home/kafka-broker" start "$@" > "$logs/kafkaServer.out" 2>&1 < /dev/null &

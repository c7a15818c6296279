#!/bin/bash
# Formats and describes data directories: format | info | random-uuid | version-mapping | feature-dependencies; --help tells more.
script=${BASH_SOURCE[0]}
while [ -L "$script" ]; do
  link=$(readlink "$script")
  case $link in /*) script=$link ;; *) script=${script%/*}/$link ;; esac
done
home=$(cd "${script%/*}/.." && pwd)

# The runtime finds itself in the usual places; a dotnet that is only on the PATH needs this.
if [ -z "$DOTNET_ROOT" ] && [ ! -d /usr/share/dotnet ] && [ ! -d /usr/lib/dotnet ] && [ ! -e /etc/dotnet ] && command -v dotnet > /dev/null; then
  DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")
  export DOTNET_ROOT
fi

exec "$home/kafka-broker" storage "$@"

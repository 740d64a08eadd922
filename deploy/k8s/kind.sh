#!/usr/bin/env bash
# The suite in a Kubernetes of this machine (kind), from images built here, with the dev overlay.
# May be run again: what is there already stays, images and manifests are brought up to date.
set -euo pipefail
cd "$(dirname "$0")/../.."

cluster=${KIND_CLUSTER:-comptoir}
namespace=comptoir
rendered=deploy/k8s/rendered/dev.yaml
services=(catalog inventory customer collect associate gateway)

fail() {
  echo "kind.sh: $*" >&2
  exit 1
}

for tool in docker kind kubectl helm openssl; do
  command -v "$tool" >/dev/null || fail "$tool is not on the path"
done
[ -x .venv/bin/python ] || fail "there is no .venv: run make test first"
# Where charts come from is for whoever runs this to say (helm repo add).
for chart in jetstack/cert-manager mongodb/mongodb-kubernetes; do
  helm show chart "$chart" >/dev/null 2>&1 ||
    fail "helm does not know $chart: add its repository as its documentation says"
done

# kind's own network enforces network policies since 0.24.
kind get clusters | grep -qx "$cluster" || kind create cluster --name "$cluster" --wait 120s
in_cluster() { kubectl --context "kind-$cluster" --namespace "$namespace" "$@"; }
install() { helm upgrade --install --kube-context "kind-$cluster" --create-namespace --wait "$@"; }

install cert-manager jetstack/cert-manager --namespace cert-manager --set crds.enabled=true
in_cluster apply -f deploy/k8s/base/namespace.yaml
install mongodb-kubernetes mongodb/mongodb-kubernetes --namespace mongodb-operator \
  --set operator.watchNamespace="$namespace"

for service in "${services[@]}"; do
  docker build --quiet --file deploy/Dockerfile --build-arg SERVICE="$service" \
    --tag "comptoir/$service:dev" .
  kind load docker-image --name "$cluster" "comptoir/$service:dev"
done

# Secrets are made once: with another key, what was written under the old one is lost. Each key
# is 32 random bytes in base64; passwords are in hexadecimal, as they stand in a URI.
while read -r secret keys; do
  in_cluster get secret "$secret" >/dev/null 2>&1 && continue
  folder=$(mktemp -d)
  for key in $keys; do
    if [ "$key" = password ]; then openssl rand -hex 32; else openssl rand -base64 32; fi |
      tr -d '\n' >"$folder/$key"
  done
  in_cluster create secret generic "$secret" --from-file="$folder"
  rm -r "$folder"
done < <(.venv/bin/python -m deploy.k8s secrets "$rendered")

in_cluster apply --server-side --kustomize deploy/k8s/dev
in_cluster wait mongodbcommunity/mongodb \
  --for=jsonpath='{.status.phase}'=Running --timeout=600s
for service in "${services[@]}"; do
  # The images keep their tag, so that the cluster does not see that they are new.
  in_cluster rollout restart "deployment/$service"
  in_cluster rollout status "deployment/$service" --timeout=300s
done

echo "kubectl --context kind-$cluster --namespace $namespace port-forward service/gateway 8443:8080"
echo "then https://localhost:8443/app, whose certificate is of the cluster's own authority"

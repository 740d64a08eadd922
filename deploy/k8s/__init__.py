"""The suite on Kubernetes: kustomize bases and overlays, and what proves them."""

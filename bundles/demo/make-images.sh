#!/bin/sh
# Makes images/ beside this file: an OCI layout with demo.local/hello:1.0 and :1.1, which share their first layer. The same input gives
# the same bytes.
set -eu
cd "$(dirname "$0")"
umask 022
export LC_ALL=C TZ=UTC
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf images
mkdir -p images/blobs/sha256 "$work/base/bin"

hash_of() {
  sha256sum "$1" | cut -d ' ' -f 1
}

# keep FILE: makes it a blob; $hash and $size tell of it.
keep() {
  hash=$(hash_of "$1")
  size=$(wc -c <"$1" | tr -d ' ')
  cp "$1" "images/blobs/sha256/$hash"
}

# pack FOLDER: makes a layer of it.
pack() {
  find "$1" -exec touch -h -d '1970-01-01 00:00:00' {} +
  # Sorted by name here, since not every tar can.
  (cd "$1" && find . -mindepth 1 | sort | tar --format=ustar --owner=0 --group=0 --numeric-owner --no-recursion -cf "$work/layer.tar" -T -)
  keep "$work/layer.tar"
}

case $(uname -m) in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) architecture=$(uname -m) ;;
esac

# Without a busybox the images are whole all the same; they only do not run.
if busybox=$(command -v busybox); then
  cp -L "$busybox" "$work/base/bin/busybox"
  chmod 0755 "$work/base/bin/busybox"
fi
printf 'made by bundles/demo/make-images.sh\n' >"$work/base/origin"
pack "$work/base"
base=$hash base_size=$size

manifests=''
for version in 1.0 1.1; do
  mkdir -p "$work/$version"
  printf 'hello %s\n' "$version" >"$work/$version/message"
  pack "$work/$version"
  layer=$hash layer_size=$size
  printf '{"architecture":"%s","os":"linux","config":{"Cmd":["/bin/busybox","cat","/message"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s","sha256:%s"]}}' \
    "$architecture" "$base" "$layer" >"$work/config"
  keep "$work/config"
  config=$hash config_size=$size
  type=application/vnd.oci.image
  printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":{"mediaType":"%s.config.v1+json","digest":"sha256:%s","size":%s},"layers":[{"mediaType":"%s.layer.v1.tar","digest":"sha256:%s","size":%s},{"mediaType":"%s.layer.v1.tar","digest":"sha256:%s","size":%s}]}' \
    "$type" "$type" "$config" "$config_size" "$type" "$base" "$base_size" "$type" "$layer" "$layer_size" >"$work/manifest"
  keep "$work/manifest"
  row=$(printf '{"mediaType":"%s.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"demo.local/hello:%s"}}' \
    "$type" "$hash" "$size" "$version")
  manifests=${manifests:+$manifests,}$row
done
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}' "$manifests" >images/index.json
printf '{"imageLayoutVersion":"1.0.0"}' >images/oci-layout
echo "made $PWD/images: demo.local/hello:1.0 and demo.local/hello:1.1"

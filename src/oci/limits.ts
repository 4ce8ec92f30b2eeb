// How large the documents of an image may be. Outside bytes are never read beyond these.

const mebibyte = 1024 * 1024;

/** Registries refuse manifests over 4 MiB (distribution-spec v1.1 "Pushing Manifests"), so no real one is larger. */
export const maxManifestBytes = 4 * mebibyte;

/** An index has a few hundred bytes a platform; a layout's index.json as many an image. */
export const maxIndexBytes = 4 * mebibyte;

/** containerd stops at 8 MiB; labels and build history make the largest seen about 300 KiB. */
export const maxConfigBytes = 8 * mebibyte;

/** An archive's manifest.json lists every image and layer: about 100 bytes a layer, so room for 100 000. */
export const maxArchiveManifestBytes = 16 * mebibyte;

/** `{"imageLayoutVersion":"1.0.0"}` and room for what a tool may add. */
export const maxLayoutFileBytes = 4096;

/** overlay2 stops at 128 layers; nothing known goes beyond a few hundred. */
export const maxLayerCount = 1024;

/** index.json → index → manifest is usual; one more for nested build results. */
export const maxIndexDepth = 4;

/** Docker's official images have up to 20 platforms, each perhaps with some variants; nothing real comes near this. */
export const maxIndexLeaves = 1000;

// What can be wrong with a layout, an archive or a document (the `problem` facts of their error codes, as clauses), and what
// their parts are called (the `what` facts).

const clauses: Readonly<Record<string, string>> = {
  // documents
  json: 'it is not JSON',
  shape: 'it is not a JSON object of that kind',
  field: 'a field is missing or wrong,',
  'two-kinds': 'it claims to be a manifest and an index at once',
  'media-type': 'its media type is',
  'not-an-image': 'it is no image but',
  schema1:
    'it has docker’s first form (schema 1), which no engine takes any more; push it again with a docker of today',
  'layout-version': 'the layout has version',
  'layer-count': 'manifest and config do not name the same number of layers,',
  'index-depth': 'indexes are nested too deep',
  'index-leaves': 'more images are behind it than any real one has',
  // layouts
  'no-folder': 'there is no such folder',
  'no-layout-file': 'it has no file oci-layout',
  'no-index': 'it has no index.json',
  'no-image': 'there is no image in it',
  unreadable: 'it cannot be read,',
  // archives
  'no-file': 'there is no such file',
  'not-a-file': 'it is not a regular file',
  'not-a-tar': 'it is not a tar file',
  compression: 'it is compressed in a way airgap does not read,',
  damaged: 'its compression is damaged,',
  header: 'a tar header is damaged',
  'header-size': 'a tar header tells an impossible size',
  'no-manifest-json': 'it has no manifest.json; if it is an OCI archive, name it oci-archive:',
  'no-index-json': 'it has no index.json; if docker or podman saved it, name it docker-archive:',
  // hostile entries
  absolute: 'its path is absolute',
  'path-escape': 'its path leads out of the archive',
  'link-escape': 'its link leads out of the archive',
  'link-loop': 'its link leads back to itself',
  duplicate: 'it is there twice',
  'entry-type': 'it is a',
  'name-length': 'its name is too long',
  'entry-count': 'the archive has too many entries',
  'layer-path': 'a layer is not a file of the archive',
};

/** The clause for a `problem`: a key of this table, or `key: detail`. What is neither is shown as it is. */
export function sourceProblem(problem: string): string {
  const colon = problem.indexOf(': ');
  const key = colon < 0 ? problem : problem.slice(0, colon);
  const clause = Object.hasOwn(clauses, key) ? clauses[key] : undefined;
  if (clause === undefined) return problem;
  return colon < 0 ? clause : `${clause} ${problem.slice(colon + 2)}`;
}

/** Parts of an image, as the subject of a sentence. `image` is the source as the user named it. */
export const sourceParts = {
  config: (image: string) => `The config of ${image}`,
  manifest: (image: string) => `The manifest of ${image}`,
  index: (image: string) => `The index of ${image}`,
  /** Counted from 1, base first. */
  layer: (image: string, number: number) => `Layer ${number} of ${image}`,
  /** `repository` with its registry. */
  blob: (repository: string, digest: string) => `Blob ${digest} of ${repository}`,
  missingManifest: (digest: string) => `manifest ${digest}`,
  missingConfig: (digest: string) => `config ${digest}`,
  missingLayer: (name: string) => `layer ${name}`,
};

/** What is wrong with a receipt or a passport that somebody brought. */
export const documentProblems = {
  'no-file': () => 'there is no such file',
  unreadable: (detail: string) => `it cannot be read, ${detail}`,
  'not-a-file': () => 'it is not a regular file',
  'too-large': () => 'it is too large',
  'not-json': () => 'it is not JSON',
  form: (field: string) => (field === '' ? 'it has another form' : `${field} is not as expected`),
} as const;

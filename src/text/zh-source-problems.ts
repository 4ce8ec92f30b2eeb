// 中文: what can be wrong with a layout, an archive or a document, and what their parts are called.
import type { Catalogue } from './catalogue.js';
import { clause as saidClause } from './zh-clauses.js';

/** Clauses of the `problem` facts. A detail stands behind the clause. */
export const sourceClauses: Readonly<Record<string, string>> = {
  // documents
  json: '它不是 JSON',
  shape: '它不是这种 JSON 对象',
  field: '有字段缺失或错误，',
  'two-kinds': '它同时自称清单和索引',
  'media-type': '它的媒体类型是',
  'not-an-image': '它不是镜像，而是',
  schema1: '它是 docker 的第一种格式（schema 1），现在没有引擎接受；请用新的 docker 重新推送',
  'layout-version': '布局的版本是',
  'layer-count': '清单和配置的层数不同，',
  'index-depth': '索引嵌套太深',
  'index-leaves': '它包含的镜像比任何真实的都多',
  // layouts
  'no-folder': '没有这个文件夹',
  'no-layout-file': '里面没有 oci-layout 文件',
  'no-index': '里面没有 index.json',
  'no-image': '里面没有镜像',
  unreadable: '无法读取，',
  // archives
  'no-file': '没有这个文件',
  'not-a-file': '它不是普通文件',
  'not-a-tar': '它不是 tar 文件',
  compression: '它的压缩方式 airgap 不能读取，',
  damaged: '它的压缩内容已损坏，',
  header: '有 tar 头已损坏',
  'header-size': '有 tar 头写的大小不可能',
  'no-manifest-json': '里面没有 manifest.json；如果它是 OCI 归档，请写成 oci-archive:',
  'no-index-json': '里面没有 index.json；如果它由 docker 或 podman 保存，请写成 docker-archive:',
  // hostile entries
  absolute: '它的路径是绝对路径',
  'path-escape': '它的路径指向归档之外',
  'link-escape': '它的链接指向归档之外',
  'link-loop': '它的链接指回自己',
  duplicate: '它出现了两次',
  'entry-type': '它是',
  'name-length': '它的名字太长',
  'entry-count': '归档里的条目太多',
  'layer-path': '有一层不是归档里的文件',
};

/** The clause for a `problem`: a key of the table, or `key: detail`. What is neither is shown as it is. */
export function sourceProblem(problem: string): string {
  const colon = problem.indexOf(': ');
  const key = colon < 0 ? problem : problem.slice(0, colon);
  const clause = Object.hasOwn(sourceClauses, key) ? sourceClauses[key] : undefined;
  if (clause === undefined) return problem;
  if (colon < 0) return clause;
  return `${clause}${clause.endsWith('，') ? '' : ' '}${problem.slice(colon + 2)}`;
}

export const sourceParts: Catalogue['parts'] = {
  config: (image) => `${image} 的配置`,
  manifest: (image) => `${image} 的清单`,
  index: (image) => `${image} 的索引`,
  layer: (image, number) => `${image} 的第 ${number} 层`,
  blob: (repository, digest) => `${repository} 的 blob ${digest}`,
  missingManifest: (digest) => `清单 ${digest}`,
  missingConfig: (digest) => `配置 ${digest}`,
  missingLayer: (name) => `层 ${name}`,
};

/** What is wrong with a receipt or a passport that somebody brought. */
export const documentProblems = {
  'no-file': () => '没有这个文件',
  unreadable: (detail: string) => `无法读取，${saidClause(detail)}`,
  'not-a-file': () => '它不是普通文件',
  'too-large': () => '它太大',
  'not-json': () => '它不是 JSON',
  form: (field: string) => (field === '' ? '它的写法不同' : `${field} 与预期不符`),
} as const;

// 中文: words of `airgap import`.
import type { Catalogue } from './catalogue.js';
import { clause } from './zh-clauses.js';

export const importWords: Catalogue['words']['import'] = {
  nothing: (name) => `${name} 里没有所要求的内容`,
  packagesHint: '请加上 --install-packages：离线包里有软件包，只在要求时才安装',
  packages: (sets) =>
    `离线包里还有软件包（${sets.join('、')}）；除非给出 --install-packages，否则它们留在包里`,
  insert: (missing, copies) =>
    `缺少第 ${missing.join('、')} 卷。已在这里的分卷会复制到 ${copies}；回答 yes，再次询问时插入下一个盘。继续吗？`,
  keeping: (number, copies) => `第 ${number} 卷复制到 ${copies}`,
  noReturns: (folder, detail) => `没有在 ${folder} 里留下回执：${clause(detail)}`,
  noPassport: (host, detail) => `没有在离线包旁边留下 ${host} 的护照：${detail}`,
  returns: (folder) => `要带回去的回执在 ${folder} 里`,
  printed: '盘无法写入；这是要带回去的回执：',
  title: (name) => `导入 ${name}`,
};

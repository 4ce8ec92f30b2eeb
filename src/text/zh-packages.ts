// 中文: what is wrong with a folder of packages; what a plan and a receipt say of packages.
import type { Catalogue } from './catalogue.js';
import { formatBytes } from './format.js';

export const packages: Catalogue['words']['packages'] = {
  noFolder: '没有这个文件夹',
  notFolder: '它不是文件夹',
  none: '里面没有 .deb，也没有 .rpm',
  mixed: '里面同时有 .deb 和 .rpm，没有包管理器能一起使用',
  tooMany: (most) => `里面的软件包多于 ${most} 个`,
  notFile: (name) => `${name} 不是普通文件`,
  unreadable: (name, detail) => `${name} 已损坏或不是软件包${detail === '' ? '' : `：${detail}`}`,
  control: (name) => `${name} 没有正确写明名称、版本和架构`,
  name: (path) => `${path} 这个文件名不能放进离线包`,
  nameInTar: (name) => `${name} 的名字超过 .tar 能容纳的 100 字节；文件夹形式的离线包可以放它`,
  twice: (name) => `${name} 出现了两次`,
  changed: (name) => `${name} 在读取时变了`,
  label: (set) => `软件包 ${set}`,
  setName: '文件夹的名字不能作为软件包集的名字；请用 a-z 0-9 . _ -',
  setTwice: (set) => `有两个软件包集都会叫 ${set}`,
  tooLarge: '它的列表太大',
  noManager: (kind) => `那里没有 ${kind} 的包管理器`,
  planned: ({ set, kind, fileCount, bytes, place }) =>
    `软件包 ${set}  ${kind}，${fileCount} 个文件（${formatBytes(bytes)}），软件库放在 ${place}`,
  installs: (names) => `由那里的包管理器安装 ${names.join(' ')}`,
  brought: (set, place) => `软件包 ${set}：软件库在 ${place}`,
  installed: (set, names) => `软件包 ${set}：已安装 ${names.join(' ')}`,
  failed: (message) => `并非所有软件包都已安装：${message}`,
};

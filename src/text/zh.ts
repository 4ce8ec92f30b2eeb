// 中文: every sentence a person reads, as en.ts has them. The compiler asks for each key; import.sh uses the same words.
//
// One word for one thing, here and in src/far/import/*-zh.sh:
//
//   image 镜像               layer 层                 container 容器          engine 引擎
//   host 主机                platform 平台            manifest 清单           config 配置
//   index 索引               OCI layout OCI 布局      archive 归档            digest 摘要
//   bundle 离线包            volume (of it) 分卷      drive 盘                seal 封条
//   receipt 回执             passport 护照            signature 签名          key 密钥
//   send 传输                load 装入                resume 续传             segment 分段
//   check (bytes) 校验       prove 验证               plan 计划               splice 拼接
//   held (there) 已有        shared 共享              left out 省略           stage 暂存目录
//   spool 缓存区             folder 文件夹            file 文件               mode 权限
//   package 软件包           repository 软件库        name 名字               roll back 恢复
//   command 命令             option 选项              error 错误              hint 提示
//
// Commands, options, file names, codes and variables stay as they are. Punctuation of sentences is full-width; a blank
// stands between Chinese and Latin letters or digits, none beside full-width punctuation. No full stop at the end.
import type { Catalogue } from './catalogue.js';
import { demo } from './zh-demo.js';
import { doctor } from './zh-doctor.js';
import { errors } from './zh-errors.js';
import { files } from './zh-files.js';
import { screenHints } from './zh-screen-hints.js';
import { sourceParts } from './zh-source-problems.js';
import { words } from './zh-words.js';

export const zh: Catalogue = { demo, doctor, errors, files, parts: sourceParts, screenHints, words };

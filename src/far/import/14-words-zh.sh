# 中文: everything of 12-words-en.sh in Chinese.
text_zh() {
  ! errors_zh "$@" || return 0
  case $1 in
    help)
      printf 'sh import.sh [文件夹|TAR…] [选项]\n\n'
      printf '把离线包里的镜像装进这台机器的容器引擎。\n'
      printf '引擎拿到第一个字节之前，每个字节都已校验；镜像得到名字之前，都已验证。\n\n'
      printf '  --list              显示包里有什么\n'
      printf '  --verify            校验包的每个字节，不做改动\n'
      printf '  --dry-run           显示会做什么，不做改动\n'
      printf '  --only 镜像         只装这个镜像；可多次给出\n'
      printf '  --platform OS/ARCH  镜像有多个平台时用这一个，而不是本机的平台\n'
      printf '  --images-only       不要文件\n'
      printf '  --files-only        不要镜像\n'
      printf '  --no-clobber        名字属于另一个镜像时拒绝\n'
      printf '  --install-packages  让包管理器安装里面的软件包\n'
      printf '  --allow-dir 目录    也允许往这个目录放文件\n'
      printf '  --reload            让 docker 读取改变的设置，并加以验证\n'
      printf '  --rollback [回执]   恢复一次导入之前的文件；不写回执则为最新的\n'
      printf '  --force             与 --rollback 一起：文件之后变了也恢复\n'
      printf '  --allowed-signers 文件  可以给包签名的密钥\n'
      printf '  --require-signature     拒绝没有签名的包\n'
      printf '  --passport          打印这台机器有什么，好带回去\n'
      printf '  --engine 引擎       docker、podman、podman:root、containerd[:命名空间]、k3s、rke2，或 layout:目录：把镜像存为 OCI 布局\n'
      printf '  --stage 目录        暂存目录在哪里（~/.cache/airgap）\n'
      printf '  --yes               什么都不问\n'
      printf '  --help              这段文字\n'
      ;;
    unknown-option) printf '没有选项 %s' "$2" ;;
    unknown-option-near) printf '没有选项 %s，您是指 %s 吗？' "$2" "$3" ;;
    needs-value) printf '%s 后面需要一个词' "$2" ;;
    signers-unreadable) printf '无法读取 %s' "$2" ;;
    one-value) printf '%s 只要一个词：%s' "$2" "$3" ;;
    platform-form) printf -- '--platform 后面应是 linux/arm64 这样的词，而不是 %s' "$2" ;;
    both-only) printf -- '--files-only 和 --images-only 一起用就什么都不剩' ;;
    force-alone) printf -- '--force 只与 --rollback 一起用' ;;
    needs-signers) printf -- '--require-signature 需要 --allowed-signers 文件：可以签名的密钥' ;;
    nothing-wanted) printf '%s 中没有所要求的内容' "$2" ;;
    layout-folder) printf -- '--engine layout:目录 要完整的路径，例如 layout:/srv/images' ;;
    layout-bundle) printf '%s 是一个离线包' "$2" ;;
    layout-denied) printf '%s 无法写入' "$2" ;;
    layout-index) printf '%s 里的 index.json，import.sh 无法往其中添加镜像' "$2" ;;
    layout-none) printf '%s 不是 OCI 布局' "$2" ;;
    comma) printf '、' ;;
    bundle) printf '离线包 %s，由 %s 制作\n' "$2" "$3" ;;
    volumes-found) printf '分卷：%s，共 %s\n' "$2" "$3" ;;
    checking) printf '校验 %s 个文件……\n' "$2" ;;
    checking-volume) printf '校验第 %s 卷的 %s 个文件……\n' "$3" "$2" ;;
    sealed) printf '封条完好：%s 个文件，每个字节都和写入时一样\n' "$2" ;;
    signed) printf '签名者 %s\n' "$2" ;;
    signature-unchecked) printf '有签名；--allowed-signers 文件 可以校验\n' ;;
    keeping) printf '把第 %s 卷保存到 %s……\n' "$2" "$3" ;;
    insert) printf '请插入存有第 %s 卷的下一个盘，然后按回车（或输入文件夹再按回车）：' "$2" ;;
    engine) printf '引擎：%s，存储 %s，%s\n' "$2" "$3" "$4" ;;
    engine-beside) printf '  这里还有 %s：--engine %s\n' "$2" "$2" ;;
    present) printf '  %s：已经在了\n' "$2" ;;
    loads) printf '  %s：已有 %s 层，装入 %s 层（%s）\n' "$2" "$3" "$4" "$5" ;;
    loads-spliced) printf '  %s：已有 %s 层，装入 %s 层（%s），%s 层取自引擎自身\n' "$2" "$3" "$4" "$5" "$6" ;;
    moves) printf '    名字从镜像 %s 移到这里\n' "$2" ;;
    shadowed) printf '    警告：%s 会把 %s 当作 %s，那是另一个镜像：请写 %s，或删除那个名字\n' "$2" "$3" "$4" "$5" ;;
    room) printf '  空间：需要 %s（在 %s），剩余 %s\n' "$2" "$3" "$4" ;;
    files) printf '文件：\n' ;;
    file-new) printf '  %s：新建，权限 %s\n' "$2" "$3" ;;
    file-same) printf '  %s：已经如此\n' "$2" ;;
    file-change) printf '  %s：会改变，权限 %s\n' "$2" "$3" ;;
    files-root) printf '这个用户不能写入文件和软件包的位置' ;;
    no-terminal) printf '它要密码，而这里没有终端可以询问' ;;
    files-installed) printf '已安放 %s 个文件\n' "$2" ;;
    any-import) printf '任何一次导入' ;;
    take-back) printf '要恢复之前的文件：%s\n' "$2" ;;
    rolled-back) printf '文件已恢复到 %s 之前的样子\n' "$2" ;;
    rolled-back-daemon) printf '让引擎读取旧的 daemon.json：systemctl reload docker\n' ;;
    files-reloaded) printf '引擎已重新读取 daemon.json\n' ;;
    reload-shown) printf '  docker info 已显示：%s\n' "$2" ;;
    reload-unshown) printf '  docker info 不显示：%s\n' "$2" ;;
    reload-restart) printf '  引擎重新启动后才生效（import.sh 从不这样做）：%s\n' "$2" ;;
    reload-needed) printf '  引擎重新加载（--reload）后生效：%s\n' "$2" ;;
    reload-by-hand) printf '  运行 systemctl reload docker 后生效：%s\n' "$2" ;;
    not-reloaded) printf '重新读取之后 docker info 没有显示 %s' "$2" ;;
    packages-plan) printf '  软件包 %s（%s）：%s\n' "$2" "$3" "$4" ;;
    packages-only-copied) printf '  软件包只复制，不安装；--install-packages 才安装\n' ;;
    packages-copying) printf '复制 %s 的软件包（%s）……\n' "$2" "$3" ;;
    packages-copied) printf '软件包 %s：软件库在 %s\n' "$2" "$3" ;;
    packages-installing) printf '正在安装 %s 的软件包……\n' "$2" ;;
    packages-installed) printf '软件包 %s：已安装 %s\n' "$2" "$3" ;;
    no-manager) printf '这里没有 %s 的包管理器' "$2" ;;
    question) printf '继续吗？[Y/n] ' ;;
    question-refused) printf '装入这些镜像' ;;
    password) printf 'sudo 的密码：' ;;
    loading) printf '装入 %s……\n' "$2" ;;
    proving) printf '验证 %s……\n' "$2" ;;
    proved) printf '%s：%s\n' "$2" "$3" ;;
    proof-loaded-config-digest) printf '已装入并验证：它在引擎里的 ID 就是包中其配置的摘要' ;;
    proof-loaded-manifest-and-create) printf '已装入并验证：清单和所有层都与包中一致，并且能用它创建容器' ;;
    proof-loaded-manifest-and-check) printf '已装入并验证：清单和所有层都与包中一致，containerd 的检查确认全部都在并已解包' ;;
    proof-loaded-stored-blobs) printf '已存入并验证：它的每个字节都以其摘要为名存放' ;;
    proof-present-config-digest) printf '原来就在；按其配置的摘要再次验证' ;;
    proof-present-manifest-and-check) printf '原来就在；按其清单、层和 containerd 的检查再次验证' ;;
    proof-present-manifest-and-create) printf '原来就在；按其清单和层再次验证' ;;
    dry-run) printf '没有改变任何东西（--dry-run）\n' ;;
    written) printf '回执和护照：%s\n' "$2" ;;
    printed) printf '盘不能写入，回执打印在这里\n' ;;
    list-image) printf '镜像    %s  %s\n' "$2" "$3" ;;
    list-layers) printf '层      %s，%s\n' "$2" "$3" ;;
    list-omitted) printf '省略    %s 层，机器上必须已有\n' "$2" ;;
    list-file) printf '文件    %s  %s\n' "$2" "$3" ;;
    list-packages) printf '软件包  %s  %s\n' "$2" "$3" ;;
    list-volumes) printf '分卷    %s\n' "$2" ;;
    not-made) printf '没有做成' ;;
    not-there) printf '缺失' ;;
    damaged) printf '已损坏' ;;
    what-blob) printf '它的一部分' ;;
    what-held) printf '原来就在的一层' ;;
    what-id) printf '它的 Id' ;;
    what-image) printf '镜像' ;;
    what-layers) printf '它的层列表' ;;
    what-check) printf 'containerd 的检查' ;;
    complete) printf '完整' ;;
    what-container) printf '它的容器' ;;
    made) printf '已做成' ;;
    process) printf '进程 %s' "$2" ;;
    other-owner) printf '它属于另一个用户' ;;
    root-stage) printf '必须是 / 下的一个目录' ;;
    open-stage) printf '每个用户都能写' ;;
    *) return 1 ;;
  esac
}

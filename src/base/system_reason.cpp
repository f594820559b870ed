#include "base/system_reason.h"

#include <cerrno>
#include <system_error>

#include "base/language.h"

namespace yagura {
namespace {

struct Reason {
    int number;
    Text sentence;
};

constexpr Reason kReasons[] = {
    {ENOENT, {"no such file or folder", "ファイルまたはフォルダーがありません"}},
    {EACCES, {"permission denied", "アクセス権がありません"}},
    {EPERM, {"operation not permitted", "操作が許可されていません"}},
    {EISDIR, {"it is a folder", "フォルダーです"}},
    {ENOTDIR, {"part of the path is not a folder", "パスの途中がフォルダーではありません"}},
    {EEXIST, {"it exists already", "すでに存在します"}},
    {ENOSPC, {"no space left on the disk", "ディスクの空き容量がありません"}},
    {EDQUOT, {"the disk quota is used up", "ディスクの割り当て容量を使い切っています"}},
    {EROFS, {"the file system is read-only", "ファイルシステムが読み取り専用です"}},
    {EMFILE, {"too many open files", "開いているファイルが多すぎます"}},
    {ENAMETOOLONG, {"the name is too long", "名前が長すぎます"}},
    {ELOOP, {"too many symbolic links", "シンボリックリンクが多すぎます"}},
    {EIO, {"input/output error of the device", "デバイスの入出力エラーです"}},
    {ENOMEM, {"out of memory", "メモリーが足りません"}},
};

}  // namespace

std::string system_reason(int error_number) {
    for (const Reason& reason : kReasons) {
        if (reason.number == error_number) return std::string(reason.sentence.in(language()));
    }
    return std::generic_category().message(error_number);
}

}  // namespace yagura

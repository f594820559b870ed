#include "base/system_reason.h"

#include <cerrno>

#include <doctest/doctest.h>

#include "base/language.h"

using namespace yagura;

TEST_CASE("why the system refused is told in both languages") {
    CHECK(system_reason(ENOENT) == "no such file or folder");
    set_language(Language::japanese);
    CHECK(system_reason(ENOENT) == "ファイルまたはフォルダーがありません");
    set_language(Language::english);
}

TEST_CASE("a reason that is not in the table is the system's own") {
    CHECK(system_reason(EPROTO) == "Protocol error");
}

#include "sql/library.h"

#include <optional>
#include <string>

#include <dlfcn.h>

#include "base/messages/sql.h"

namespace yagura::sql {

#define CALL(name) decltype(&::name) name = nullptr;
#include "sql/library.def"
#undef CALL

namespace {

constexpr const char* kLibrary = "libduckdb.so";

// What is in the way, in the linker's words.
std::optional<std::string> load() {
    const auto reason = [] {
        const char* const said = dlerror();
        return std::string(said ? said : kLibrary);
    };
    void* const library = dlopen(kLibrary, RTLD_LAZY | RTLD_LOCAL);
    if (!library) return reason();
#define CALL(name)                                                  \
    name = reinterpret_cast<decltype(name)>(dlsym(library, #name)); \
    if (!name) return reason();
#include "sql/library.def"
#undef CALL
    return std::nullopt;
}

}  // namespace

Result<void> load_library() {
    static const std::optional<std::string> problem = load();
    if (problem) return fail(Code::not_found, say(message::sql_no_engine, *problem));
    return {};
}

}  // namespace yagura::sql

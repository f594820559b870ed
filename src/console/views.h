// Views people saved: the state of a screen under a name, for themselves or for all who may see it.
//
// What a view says can name accounts, so a shared one is only shown to people who see every account
// its owner saw when it was saved. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/account_scope.h"
#include "base/result.h"
#include "base/time.h"
#include "console/notebook.h"

namespace yagura::console {

struct View {
    int64_t id = 0;    // given when it is saved
    std::string kind;  // discover, query, findings
    std::string name;
    std::string state;  // search part of the screen's URL
    std::string query;  // text of a query; may be empty
    std::string owner;
    bool shared = false;
    AccountScope scope;  // of the owner
    Timestamp updated{};
};

class Views {
  public:
    static constexpr size_t kMaxOfOne = 500;  // person

    explicit Views(Notebook& notebook) : notebook_(notebook) {}

    // Those of `who` and those shared with everybody who sees what `scope` sees; by name.
    Result<std::vector<View>> visible(std::string_view who, const AccountScope& scope);

    // Saves a new one and returns its id.
    Result<int64_t> add(const View& view);
    // Replaces or removes one of `owner`; Code::not_found when it is somebody else's.
    Result<void> replace(const View& view);
    Result<void> remove(int64_t id, std::string_view owner);

  private:
    Notebook& notebook_;
};

}  // namespace yagura::console

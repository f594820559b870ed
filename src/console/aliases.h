// What people call their accounts: 111122223333 is "payments".
//
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "console/notebook.h"

namespace yagura::console {

struct Alias {
    std::string account;  // 12 digits
    std::string alias;
    std::string note;
};

class Aliases {
  public:
    using ByAccount = std::map<std::string, Alias, std::less<>>;
    static constexpr size_t kMax = 10'000;

    explicit Aliases(Notebook& notebook) : notebook_(notebook) {}

    // Sets these; one with an empty alias is removed. Others stay.
    Result<void> put(const std::vector<Alias>& aliases);

    // All of them as they are now; never null, and unchanged while it is held.
    Result<std::shared_ptr<const ByAccount>> all();

  private:
    Notebook& notebook_;
    std::mutex mutex_;
    int64_t version_ = -1;
    std::shared_ptr<const ByAccount> known_;  // shared by the answers under way
};

}  // namespace yagura::console

// Named lists of values that a deployment supplies: its networks, its people, its important
// accounts. Rules ask for them by `field|expand: '%name%'`.
//
//   trusted_networks: [10.0.0.0/8, '2001:db8::/32']
//   break_glass_users:
//       owner: platform team
//       comment: reviewed each quarter
//       values: [alice, 'svc-deploy-*']
//
//   std::vector<Diagnostic> problems;
//   YAGURA_TRY(const Lists lists, load_lists({"lists/"}, problems));
//   if (const List* list = lists.find("trusted_networks")) …
//
// A list with a mistake is left out and told in `problems`; so is the later one of two with a name.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostic.h"
#include "base/hash.h"
#include "base/ip.h"
#include "base/result.h"
#include "rule/problems.h"

namespace yagura::rule {

constexpr size_t kMaxListValues = 50'000;

struct ListValue {
    std::string
        text;  // as written; * and ? are wildcards where a rule uses it as one of its values
    bool is_number = false;
    double number = 0;
    std::string spelling;       // of a number: canonical
    std::optional<Cidr> block;  // when the text is an address or a block of them
};

struct List {
    std::string name;
    std::string owner;
    std::string comment;
    std::string file;
    Position at;
    std::vector<ListValue> values;  // at least one
};

class Lists {
  public:
    Lists() = default;
    Lists(Lists&&) = default;
    Lists& operator=(Lists&&) = default;

    // Null when there is none of this name.
    const List* find(std::string_view name) const;
    std::vector<std::string_view> names() const;
    size_t size() const { return lists_.size(); }

    // Reads one YAML text of lists.
    void read(std::string_view text, const std::string& file, std::vector<Diagnostic>& problems);

  private:
    void add(List list, Problems& problems);

    std::deque<List> lists_;  // by_name_ points into it
    std::unordered_map<std::string_view, const List*, TextHash, std::equal_to<>> by_name_;
};

// The text of a file, or nullopt when it cannot be read.
using TextOf = std::function<std::optional<std::string>(const std::filesystem::path& file)>;

// Reads files, and folders of *.yml and *.yaml files. A path that is not there is an error.
Result<Lists> load_lists(const std::vector<std::filesystem::path>& paths,
                         std::vector<Diagnostic>& problems,
                         const TextOf& text_of = {});

}  // namespace yagura::rule

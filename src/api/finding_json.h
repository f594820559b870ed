// Findings as every answer shows them: the list, the overview, an entity, an event, live news.
//
//   YAGURA_TRY(const FindingWriter findings, FindingWriter::of(call));
//   findings.write(items.next(), place);
//   findings.write_facts(row, out, place);        // the same members inside an object of one's own
//
// Holds what the person sees at one moment; titles are in the language of the request.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/route.h"
#include "base/json_text.h"
#include "console/aliases.h"
#include "console/board.h"

namespace yagura::api {

class FindingWriter {
  public:
    // Code::unsupported when nothing is kept beside the lake.
    static Result<FindingWriter> of(const Call& call);
    // For news without a request.
    static Result<FindingWriter> of(console::Console& console,
                                    const AccountScope& scope,
                                    Timestamp now);

    const console::Sight& sight() const { return sight_; }
    const AccountScope& scope() const { return scope_; }
    // Empty when the account has none.
    std::string_view alias(std::string_view account) const;

    void write(std::string& out, uint32_t place) const;
    // With its most touched resources, so many of them.
    static constexpr size_t kFewResources = 3;
    static constexpr size_t kAllResources = SIZE_MAX;
    void write_facts(JsonObject& row,
                     std::string& out,
                     uint32_t place,
                     size_t resources = kFewResources) const;

  private:
    FindingWriter() = default;
    void write_standing(JsonObject& row, std::string& out, uint32_t place) const;

    AccountScope scope_;
    console::Sight sight_;
    std::shared_ptr<const console::Aliases::ByAccount> aliases_;
};

// In the reader's language.
std::string_view title_of(const store::KeptFinding& finding);

// May somebody with `scope` know of it? Only when it is confined to accounts they see.
bool may_see(const console::KnownException& exception, const AccountScope& scope);

// The console of the lake, or Code::unsupported.
Result<console::Console*> console_of(const Call& call);

}  // namespace yagura::api

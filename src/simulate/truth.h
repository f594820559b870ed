// What really happened, written beside the logs and never read when they are scanned.
//
// ground-truth.json: the story step by step, and every event, finding and flow that belongs to it.
// Its format is described in docs/simulate.md.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "base/time.h"

namespace yagura::simulate {

// One step of a story, with the tactic and technique of MITRE ATT&CK.
struct Step {
    std::string_view id;         // "persistence"
    std::string_view tactic;     // "persistence", as in ATT&CK
    std::string_view technique;  // "T1136.003"
    Text sentence;
};

class Truth {
  public:
    void cloudtrail(const Step& step,
                    Timestamp time,
                    std::string_view event_id,
                    std::string_view event_name,
                    std::string_view account,
                    std::string_view region);
    void guardduty(const Step& step,
                   Timestamp time,
                   std::string_view finding_id,
                   std::string_view type);
    void flow(const Step& step,
              Timestamp start,
              Timestamp end,
              std::string_view interface,
              std::string_view source,
              std::string_view target,
              uint64_t bytes);

    // An identifier an investigation should end up with: kind "access_key", "address", "user", ….
    void entity(std::string_view kind, std::string_view value);

    uint64_t events() const { return cloudtrail_.size(); }

    // The whole file. `header` is the members that say which run it was.
    std::string to_json(std::string_view header) const;

  private:
    struct Seen {
        const Step* step;
        Timestamp first, last;
        uint64_t count = 0;
    };
    void note(const Step& step, Timestamp first, Timestamp last);

    std::vector<Seen> story_;  // in the order things happened
    std::vector<std::string> cloudtrail_, guardduty_, flows_;
    std::map<std::string, std::vector<std::string>, std::less<>> entities_;
};

}  // namespace yagura::simulate

// Why matches matched, kept beside them while scanning (scan --explain).
//
//   Whys whys;                                           // one per worker
//   if (whys.has_room()) whys.add(*info, object, ordinal, json);
//   total.merge(std::move(whys)); … total.of(hit);       // empty: nothing is known
//
// A match is known by its rule and place. Bounded: beyond kMaxBytes of all texts, matches stay
// unexplained and are counted. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "finding/hit.h"

namespace yagura::finding {

class Whys {
  public:
    static constexpr size_t kMaxBytes = 256u << 20;

    bool has_room() {
        if (bytes_ < kMaxBytes) return true;
        ++left_out_;
        return false;
    }
    // `json` is the value to print. `rule` is what HitCollector::add() was given.
    void add(const match::RuleInfo& rule,
             std::string_view object,
             uint64_t ordinal,
             std::string json);
    void merge(Whys&& other);

    std::string_view of(const HitView& hit) const;
    uint64_t left_out() const { return left_out_; }

  private:
    std::unordered_map<uint64_t, std::string> by_match_;  // by hash of rule and place
    size_t bytes_ = 0;
    uint64_t left_out_ = 0;
};

}  // namespace yagura::finding

// Which addresses are Amazon's own, from the list AWS publishes for everybody (ip-ranges.json, see
// "AWS IP address ranges" in the VPC user guide).
//
//   YAGURA_TRY(const auto ranges, AwsRanges::read(text));
//   if (const auto* range = ranges.find(address)) … range->service … range->region …
//
// Immutable: any number of threads may ask.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "base/time.h"

namespace yagura::enrich {

struct AwsRange {
    Cidr block;
    std::string service;  // "EC2", "S3"; "AMAZON": one of those not named
    std::string region;   // "eu-west-1", "GLOBAL"
};

class AwsRanges {
  public:
    // Code::invalid: not that list, or a damaged one.
    static Result<AwsRanges> read(std::string_view json);

    // The narrowest block around the address, and of equal ones the one that says most.
    const AwsRange* find(const IpAddress& address) const;

    size_t size() const { return ranges_.size(); }
    std::optional<Timestamp> built() const { return built_; }

  private:
    std::vector<AwsRange> ranges_;  // by family, length from long to short, then address
    struct Group {                  // of one family and length
        size_t begin, end;
        bool is_v4;
        int prefix;
    };
    std::vector<Group> groups_;
    std::optional<Timestamp> built_;
};

}  // namespace yagura::enrich

// Buckets whose logs are to be read once there is a collector for S3: where they are, and by which
// role they may be read. Never a secret: credentials come from the machine, as AWS tools find them.
//
//   YAGURA_TRY(const Bucket bucket, tidy({.name = "s3://org-trail/AWSLogs/", .region =
//   "eu-west-1"})); YAGURA_TRY(const int64_t id, console.buckets.add(bucket));
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "console/notebook.h"

namespace yagura::console {

struct Bucket {
    int64_t id = 0;  // given when it is kept
    std::string name;
    std::string prefix;    // "AWSLogs/"; empty: the whole bucket
    std::string region;    // "ap-northeast-1"
    std::string role_arn;  // empty: whatever the machine may do by itself
    std::string added_by;
    Timestamp added{};
};

// What somebody wrote as it is kept: an address "s3://bucket/prefix" in place of the name becomes
// both, a prefix loses the slash in front. Code::invalid with the member and the reason when S3 or
// IAM would not take it.
// Source: S3 user guide, "General purpose bucket naming rules"; IAM user guide, "IAM identifiers".
Result<Bucket> tidy(Bucket written);

class Buckets {
  public:
    static constexpr size_t kMax = 1'000;

    explicit Buckets(Notebook& notebook) : notebook_(notebook) {}

    // By name and prefix.
    Result<std::vector<Bucket>> all();
    // Code::conflict when the same name and prefix are there.
    Result<int64_t> add(const Bucket& bucket);
    // Who added it and when stays. Code::not_found when there is none of this id.
    Result<void> replace(const Bucket& bucket);
    Result<void> remove(int64_t id);

  private:
    Notebook& notebook_;
};

}  // namespace yagura::console

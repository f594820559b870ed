// Inside auth/ only: the waits of the throttle, written down so that a restart does not end them.
#pragma once

#include <vector>

#include "auth/file.h"
#include "auth/throttle.h"

namespace yagura::auth {

// Thread-safe.
class ThrottleRows {
  public:
    explicit ThrottleRows(File& file) : file_(file) {}

    // Gives back what was kept; once, before anybody signs in.
    Result<void> load(Throttle& throttle);
    // Mostly nothing to do. Rows are as many as the throttle's counts may be, and gone when it
    // would have forgotten them.
    Result<void> keep(const std::vector<Throttle::Kept>& counts, const Throttle::Options& options);

  private:
    Result<void> clean(sqlite::Database& database, const Throttle::Options& options);

    File& file_;
    int until_clean_ = 0;  // by the file's lock
};

}  // namespace yagura::auth

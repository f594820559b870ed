// Waits for the disk in the place of a writer's workers, who have better things to do.
//
//   Publisher publisher;
//   std::future<Result<Segment>> segment = publisher.publish(lake, std::move(*written));
//
// A sync takes milliseconds in which a processor does nothing, and a segment needs three.
// Thread-safe; must outlive its futures, each of which waits for its segment when it goes.
#pragma once

#include <filesystem>
#include <future>
#include <semaphore>

#include "store/segment.h"

namespace yagura::store {

class Publisher {
  public:
    // Begins at once, or when few enough others are under way.
    std::future<Result<Segment>> publish(std::filesystem::path lake, NewSegment segment);

  private:
    static constexpr std::ptrdiff_t kMostAtOnce = 4;
    std::counting_semaphore<kMostAtOnce> free_{kMostAtOnce};
};

}  // namespace yagura::store

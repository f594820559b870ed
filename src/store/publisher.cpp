#include "store/publisher.h"

#include <memory>
#include <system_error>
#include <utility>

namespace yagura::store {

std::future<Result<Segment>> Publisher::publish(std::filesystem::path lake, NewSegment segment) {
    free_.acquire();
    auto kept = std::make_shared<NewSegment>(std::move(segment));
    const auto work = [this, kept, lake = std::move(lake)] {
        Result<Segment> published = store::publish(lake, std::move(*kept));
        free_.release();
        return published;
    };
    try {
        return std::async(std::launch::async, work);
    } catch (const std::system_error&) {  // no more threads
        std::promise<Result<Segment>> done;
        done.set_value(work());
        return done.get_future();
    }
}

}  // namespace yagura::store

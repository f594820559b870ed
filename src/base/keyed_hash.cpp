#include "base/keyed_hash.h"

#include <chrono>

#include <sys/random.h>
#include <unistd.h>

namespace yagura {

HashKey draw_hash_key() {
    HashKey key{};
    if (getrandom(&key, sizeof key, GRND_NONBLOCK) != static_cast<ssize_t>(sizeof key)) {
        // A machine that has just started may have nothing yet; a key that is harder to guess than
        // none is better than waiting.
        const uint64_t parts[] = {
            static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()),
            static_cast<uint64_t>(getpid()),
            reinterpret_cast<uintptr_t>(&key)};
        const Hash128 drawn = hash128({reinterpret_cast<const char*>(parts), sizeof parts});
        key = {drawn.low, drawn.high};
    }
    key.high |= 1;  // a factor of zero would spread nothing
    return key;
}

}  // namespace yagura

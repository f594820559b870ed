// Hashes for places in tables in memory, with a key that nobody outside this process knows.
//
//   std::unordered_map<std::string, Seen, KeyedTextHash, std::equal_to<>> agents;
//   size_t i = keyed_hash(identity) & mask;
//
// User agents, names and ids are chosen by whoever makes the calls or writes the logs, and hash64()
// is the same everywhere: a hundred thousand texts that want the same part of a table are found in
// a second, and looking each of them up among all others takes a quarter of a minute, four times as
// long for twice as many. With a key drawn at random they are spread like any others.
//
// The same in all threads and all of the process's life, other in each process: never to be stored,
// shown, or to decide an order anybody sees. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/hash.h"

namespace yagura {

struct HashKey {
    uint64_t low;
    uint64_t high;
};

// Drawn when it is first asked for.
HashKey draw_hash_key();
inline const HashKey& hash_key() {
    static const HashKey key = draw_hash_key();
    return key;
}

inline uint64_t keyed_hash(std::string_view text) {
    return hash64(text, hash_key().low);
}

// Of a hash, where the bytes are no longer at hand: all bits of a product nobody can foretell, then
// from its upper bits to the lower ones, which are those a table takes.
inline uint64_t keyed_hash(const Hash128& hash) {
    const HashKey& key = hash_key();
    const auto product =
        static_cast<unsigned __int128>(hash.low ^ key.low) * (hash.high ^ key.high);
    uint64_t mixed = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
    mixed *= 0x9E3779B97F4A7C15;
    return mixed ^ mixed >> 32;
}
inline uint64_t keyed_hash(uint64_t hash) {
    return keyed_hash(Hash128{hash, 0});
}

// Transparent, so that maps are searched with views.
struct KeyedTextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return keyed_hash(text); }
};

// For numbers that are hashes of what others chose.
struct KeyedNumberHash {
    size_t operator()(uint64_t number) const { return keyed_hash(number); }
};

}  // namespace yagura

// The side index of a hostile lake: whatever its bytes are, they are refused or read within bounds.
// And a filter holds all its keys, whoever chose them.
#include "store/side_index.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "expect.h"
#include "store/fuse_filter.h"

namespace {

using namespace yagura;
using store::FuseFilter;
using store::SideIndex;

void look_up(std::string_view bytes) {
    const auto index = SideIndex::read(bytes);
    if (!index) return;
    for (size_t group = 0; group < index->group_count(); ++group) {
        for (const std::string_view token : {"198.51.100.7", "getobject", "", "a", "b", "c"})
            index->may_hold(group, token, "source_ip");
    }
}

template <class T>
T& at(std::string& bytes, size_t place) {
    return *reinterpret_cast<T*>(bytes.data() + place);
}

// What a fuzzer seldom finds: sizes that fit and checksums that are right. They do not keep a
// stranger away.
std::string fitted(std::string bytes) {
    constexpr size_t kFixed = 32, kGroup = 56, kBlock = 1024;
    if (bytes.size() < kFixed + 8) return bytes;
    const size_t groups =
        static_cast<uint8_t>(bytes[12]) % ((bytes.size() - kFixed - 8) / kGroup + 1);
    const size_t head = kFixed + groups * kGroup;
    const uint64_t data = bytes.size() - head - 8;
    std::memcpy(bytes.data(), "YAGIDX1\n", 8);
    at<uint32_t>(bytes, 8) = 1 + (at<uint32_t>(bytes, 8) & 1);
    at<uint32_t>(bytes, 12) = static_cast<uint32_t>(groups);
    at<uint64_t>(bytes, 16) = head + 8;
    at<uint64_t>(bytes, 24) = data;
    const uint64_t sum = hash64(std::string_view(bytes).substr(0, head));
    std::memcpy(bytes.data() + head, &sum, sizeof sum);
    const std::string content = bytes.substr(head + 8);
    for (size_t block = 0; block < data; block += kBlock) {
        const auto check =
            static_cast<uint32_t>(hash64(std::string_view(content).substr(block, kBlock)));
        bytes.append(reinterpret_cast<const char*>(&check), sizeof check);
    }
    return bytes;
}

void build(std::string_view bytes) {
    std::vector<uint64_t> keys(bytes.size() / 8);
    if (keys.empty()) return;
    std::memcpy(keys.data(), bytes.data(), keys.size() * 8);
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    const FuseFilter filter = store::build_fuse_filter(keys);
    YAGURA_EXPECT(filter.shape.is_possible());
    for (const uint64_t key : keys) {
        const auto places = filter.shape.places(key);
        uint16_t value = places.fingerprint;
        for (const uint32_t place : places.at) {
            YAGURA_EXPECT(place < filter.fingerprints.size());
            value ^= filter.fingerprints[place];
        }
        YAGURA_EXPECT(value == 0);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    look_up(bytes);
    look_up(fitted(std::string(bytes)));
    build(bytes);
    return 0;
}

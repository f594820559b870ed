// Addresses and CIDR blocks: what parses prints, and what it prints parses to the same.
#include "base/ip.h"

#include <cstdint>
#include <string_view>

#include "expect.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace yagura;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto address = IpAddress::parse(text)) {
        YAGURA_EXPECT(IpAddress::parse(address->to_string()) == address);
        address->is_private();
    }
    if (const auto cidr = Cidr::parse(text)) {
        const auto again = Cidr::parse(cidr->to_string());
        YAGURA_EXPECT(again && again->base == cidr->base && again->prefix == cidr->prefix);
        YAGURA_EXPECT(cidr->contains(cidr->base) && cidr->contains(cidr->last()));
    }
    return 0;
}

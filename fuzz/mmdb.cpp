// A database of addresses: whatever the file holds, it is refused or answers.
#include "enrich/mmdb.h"

#include <cstdint>
#include <string>

#include "expect.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace yagura;
    const auto database =
        enrich::Mmdb::read(std::string(reinterpret_cast<const char*>(data), size));
    if (!database) return 0;
    for (const char* address : {"81.2.69.142", "0.0.0.0", "255.255.255.255", "2001:218::1"}) {
        const auto record = database->find(*IpAddress::parse(address));
        if (!record) continue;
        const auto code = record->text({"country", "iso_code"});
        YAGURA_EXPECT(code.size() <= size);
        record->text({"city", "names", "ja"});
        record->text({"subdivisions", "0", "iso_code"});
        record->number({"autonomous_system_number"});
        record->is_whole();
    }
    return 0;
}

// What a record is done to: whatever its requests say, keys are bounded, hold no control character
// and come back from their parts. The input is a CloudTrail record, or an ARN.
#include <cstdint>
#include <string>
#include <string_view>

#include "event/json_document.h"
#include "expect.h"
#include "logtype/log_type.h"

namespace {

using namespace yagura;

void check_key(std::string_view key) {
    YAGURA_EXPECT(key.size() <= logtype::kMaxResourceKey);
    for (const char c : key) YAGURA_EXPECT(static_cast<unsigned char>(c) >= 0x20);
    const logtype::ResourceView resource = logtype::parse_resource(key);
    YAGURA_EXPECT(!resource.kind.empty());
    YAGURA_EXPECT(logtype::resource_key(resource) == key);
    (void)logtype::arn_of(resource);
}

void check_record(std::string_view bytes) {
    static const logtype::LogType& type = *logtype::find("cloudtrail");
    static const event::FieldPlan plan = [] {
        event::FieldPlan made(type.dictionary());
        made.freeze();
        return made;
    }();
    const event::PaddedText text(bytes);
    event::JsonDocument document;
    event::Event event;
    event.reset(plan);
    uint32_t at = 0;
    if (document.index(text.view()) || document.size() == 0) return;
    if (event::walk_record(document, at, event) || type.finish(event, {})) return;
    logtype::ResourceReader reader;
    const auto keys = reader.read(event, type);
    YAGURA_EXPECT(keys.size() <= logtype::ResourceReader::kMaxOfEvent);
    for (const std::string& key : keys) check_key(key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto resource = logtype::resource_of_arn(bytes))
        check_key(logtype::resource_key(*resource));
    check_record(bytes);
    return 0;
}

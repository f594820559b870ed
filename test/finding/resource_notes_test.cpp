// A note of an event's resources against the event itself.
#include "finding/resource_notes.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "logtype/parse.h"

using namespace yagura;
using namespace yagura::finding;
using logtype::Parsed;

namespace {

using Keys = std::vector<std::string>;

template <class List>
Keys keys_of(const List& list) {
    return {list.begin(), list.end()};
}

// The event as evidence keeps it: its parts as texts of their own, and the note.
struct Kept {
    std::array<std::string, kParts> parts;
    std::string note;
    const logtype::LogType* type;

    Kept(ResourceNotes& notes, Parsed& parsed) : type(&parsed.type) {
        const PartSlots slots = part_slots_of(*type);
        for (const Part part : ResourceNotes::kReadWith) {
            const int slot = slots[static_cast<size_t>(part)];
            if (slot >= 0)
                parts[static_cast<size_t>(part)] =
                    parsed.event.text(static_cast<event::SlotId>(slot));
        }
        note = notes.take(parsed.event, *type);
    }
    ToldEvent told() const {
        ToldEvent event;
        event.type = type;
        for (size_t i = 0; i < parts.size(); ++i) event.parts[i] = parts[i];
        event.resource_note = note;
        return event;
    }
};

std::string call(std::string_view service, std::string_view name, std::string_view members) {
    return fmt::format(
        R"({{"eventTime":"2024-07-31T10:00:00Z","eventID":"e-1","eventSource":"{}.amazonaws.com",)"
        R"("eventName":"{}","awsRegion":"eu-west-1","recipientAccountId":"111122223333",{}}})",
        service,
        name,
        members);
}

Keys direct(Parsed& parsed) {
    logtype::ResourceReader reader;
    return keys_of(reader.read(parsed.event, parsed.type));
}

}  // namespace

TEST_CASE("a note says what the event said") {
    const std::string records[] = {
        call("s3", "GetObject", R"("requestParameters":{"bucketName":"lo\u0067s","key":"a/b"})"),
        call("ssm", "GetParameter", R"("requestParameters":{"name":"/db/password"})"),
        call("ssm", "DescribeDocument", R"("requestParameters":{"name":"Run"})"),
        call("ec2",
             "RunInstances",
             R"("requestParameters":{"instancesSet":{"items":[{"imageId":"ami-1"}]}},)"
             R"("responseElements":{"instancesSet":{"items":[{"instanceId":"i-1"},)"
             R"({"instanceId":"i-2"}]}})"),
        call("kms",
             "Decrypt",
             R"("requestParameters":null,"resources":[{"ARN":"arn:aws:kms:eu-west-1:1:key/k",)"
             R"("type":"AWS::KMS::Key"}])"),
        call("sts", "GetCallerIdentity", R"("requestParameters":null)"),
    };
    ResourceNotes notes, reader;  // a note may be read elsewhere than where it was taken
    size_t named = 0;
    for (const std::string& record : records) {
        CAPTURE(record);
        Parsed parsed(*logtype::find("cloudtrail"));
        REQUIRE(!parsed.json(record));
        const Kept kept(notes, parsed);
        const Keys keys = keys_of(reader.read(kept.told()));
        CHECK(keys == direct(parsed));
        named += keys.size();
    }
    CHECK(named == 8);
}

TEST_CASE("notes of other log types, too") {
    ResourceNotes notes;
    Parsed guardduty(*logtype::find("guardduty"));
    REQUIRE(!guardduty.json(
        R"({"schemaVersion":"2.0","accountId":"111122223333","region":"eu-west-1","id":"f1",)"
        R"("type":"Stealth:IAMUser/X","severity":5,"updatedAt":"2024-07-31T10:00:00Z",)"
        R"("resource":{"accessKeyDetails":{"userName":"deploy","userType":"Role",)"
        R"("accessKeyId":"ASIAIOSFODNN7EXAMPLE"}}})"));
    CHECK(keys_of(notes.read(Kept(notes, guardduty).told())) ==
          Keys{"AWS::IAM::Role/111122223333/deploy", "AWS::IAM::AccessKey/ASIAIOSFODNN7EXAMPLE"});
    Parsed flow(*logtype::find("vpc_flow"));
    std::vector<int> order;
    REQUIRE(flow.type.read_header("version account-id interface-id start region", order));
    REQUIRE(!flow.line("5 111122223333 eni-1 1722420000 eu-west-1", order));
    CHECK(keys_of(notes.read(Kept(notes, flow).told())) ==
          Keys{"AWS::EC2::NetworkInterface/111122223333/eu-west-1/eni-1"});
}

TEST_CASE("of an event that is too long to copy the keys are noted") {
    std::string filler(ResourceNotes::kMaxRaw, 'x');
    Parsed parsed(*logtype::find("cloudtrail"));
    REQUIRE(!parsed.json(
        call("s3",
             "PutBucketPolicy",
             fmt::format(R"("requestParameters":{{"bucketName":"logs","policy":"{}"}})", filler))));
    ResourceNotes notes;
    const Kept kept(notes, parsed);
    CHECK(kept.note.size() < 100);
    CHECK(keys_of(notes.read(kept.told())) == Keys{"AWS::S3::Bucket/logs"});
}

TEST_CASE("keys that are known make a note, as many as it may have") {
    Keys keys;
    for (int i = 0; i < 100; ++i) keys.push_back(fmt::format("AWS::S3::Bucket/b{}", i));
    const std::string note = ResourceNotes::note_of(keys);
    ToldEvent event;
    event.type = logtype::find("cloudtrail");
    event.resource_note = note;
    ResourceNotes notes;
    keys.resize(ResourceNotes::kMaxKeys);
    CHECK(keys_of(notes.read(event)) == keys);
    CHECK(ResourceNotes::note_of({}).empty());
    event.resource_note = {};
    CHECK(notes.read(event).empty());
    CHECK(note.size() <= ResourceNotes::kMaxNote);
}

TEST_CASE("a torn note names nothing that it does not hold") {
    Parsed parsed(*logtype::find("cloudtrail"));
    REQUIRE(!parsed.json(call("s3", "GetObject", R"("requestParameters":{"bucketName":"logs"})")));
    ResourceNotes notes;
    const Kept kept(notes, parsed);
    ToldEvent event = kept.told();
    for (size_t size = 0; size < kept.note.size(); ++size) {
        event.resource_note = std::string_view(kept.note).substr(0, size);
        CHECK(notes.read(event).empty());
    }
    CHECK(keys_of(notes.read(kept.told())) == Keys{"AWS::S3::Bucket/logs"});
}

#include "simulate/guardduty.h"

#include <fmt/format.h>

#include "base/text.h"

namespace yagura::simulate {
namespace {

using std::chrono::floor;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string time_text(Timestamp time) {
    std::string text = format_iso8601(floor<milliseconds>(time));
    if (text.size() == 20) text.insert(19, ".000");
    return text;
}

// Networks of RFC 5737 and RFC 5398 stand for the attacker's, so that nobody real is accused.
std::string remote_details(const std::string& address) {
    const bool documentation =
        address.starts_with("203.0.113.") || address.starts_with("198.51.100.");
    return fmt::format(
        R"({{"ipAddressV4":"{}","organization":{{"asn":"{}","asnOrg":"{}","isp":"{}","org":"{}"}},"country":{{"countryName":"{}"}},"city":{{"cityName":"{}"}},"geoLocation":{{"lat":{},"lon":{}}}}})",
        address,
        documentation ? 64496 : 64511,
        documentation ? "EXAMPLE-HOSTING" : "EXAMPLE-TELECOM",
        documentation ? "Example Hosting" : "Example Telecom",
        documentation ? "Example Hosting" : "Example Telecom",
        documentation ? "Netherlands" : "Brazil",
        documentation ? "Amsterdam" : "São Paulo",
        documentation ? 52.37 : -23.55,
        documentation ? 4.89 : -46.63);
}

}  // namespace

std::string access_key_resource(const Principal& who,
                                const std::string& key,
                                std::string_view user_type) {
    return fmt::format(
        R"({{"resourceType":"AccessKey","accessKeyDetails":{{"accessKeyId":"{}","principalId":"{}","userType":"{}","userName":"{}"}}}})",
        key,
        who.session.empty() ? who.id : who.id + ":" + who.session,
        user_type,
        who.name);
}

std::string instance_resource(const Scene& scene,
                              const std::string& instance,
                              const std::string& interface,
                              const std::string& address,
                              const Principal* role) {
    const Stock& stock = scene.site().stock;
    const auto first = [&](Slot slot) -> const std::string& {
        return stock[static_cast<size_t>(slot)].front();
    };
    const std::string profile =
        role
            ? fmt::format(
                  R"("iamInstanceProfile":{{"arn":"arn:aws:iam::{}:instance-profile/{}","id":"{}"}},)",
                  scene.account().id,
                  role->name,
                  role->id)
            : "";
    std::string host = address;
    for (char& c : host) c = c == '.' ? '-' : c;
    return fmt::format(
        R"({{"resourceType":"Instance","instanceDetails":{{"instanceId":"{}","instanceType":"m6i.large","launchTime":"{}",{}"networkInterfaces":[{{"networkInterfaceId":"{}","privateDnsName":"ip-{}.{}.compute.internal","privateIpAddress":"{}","privateIpAddresses":[{{"privateDnsName":"ip-{}.{}.compute.internal","privateIpAddress":"{}"}}],"publicDnsName":"","publicIp":"{}","subnetId":"{}","vpcId":"{}","securityGroups":[{{"groupName":"web","groupId":"{}"}}],"ipv6Addresses":[]}}],"tags":[{{"key":"Name","value":"web"}}],"instanceState":"running","availabilityZone":"{}a","imageId":"{}","imageDescription":"Amazon Linux 2023 AMI","productCodes":[]}}}})",
        instance,
        time_text(scene.time() - std::chrono::days(40)),
        profile,
        interface,
        host,
        scene.site().region,
        address,
        host,
        scene.site().region,
        address,
        scene.site().nat_addresses.front(),
        first(Slot::subnet),
        first(Slot::vpc),
        first(Slot::group),
        scene.site().region,
        first(Slot::ami));
}

std::string bucket_resource(const Scene& scene,
                            const std::string& bucket,
                            const Principal& who,
                            const std::string& key) {
    return fmt::format(
        R"({{"resourceType":"S3Bucket","accessKeyDetails":{{"accessKeyId":"{}","principalId":"{}:{}","userType":"AssumedRole","userName":"{}"}},"s3BucketDetails":[{{"name":"{}","arn":"arn:aws:s3:::{}","type":"Destination","createdAt":{},"owner":{{"id":"CanonicalId of {}"}},"tags":[],"defaultServerSideEncryption":{{"encryptionType":"SSEKMS","kmsMasterKeyArn":"arn:aws:kms:{}:{}:alias/aws/s3"}},"publicAccess":{{"effectivePermission":"NOT_PUBLIC"}}}}]}})",
        key,
        who.id,
        who.session,
        who.name,
        bucket,
        bucket,
        to_micros(scene.time() - std::chrono::days(700)) / 1'000'000,
        scene.account().id,
        scene.site().region,
        scene.account().id);
}

std::string api_call_action(std::string_view api,
                            std::string_view service,
                            const std::string& remote,
                            std::string_view user_agent) {
    return fmt::format(
        R"({{"actionType":"AWS_API_CALL","awsApiCallAction":{{"api":"{}","serviceName":"{}.amazonaws.com","callerType":"Remote IP","userAgent":{},"remoteIpDetails":{},"affectedResources":{{}}}}}})",
        api,
        service,
        json_quote(user_agent),
        remote_details(remote));
}

std::string connection_action(const std::string& local,
                              uint16_t local_port,
                              const std::string& remote,
                              uint16_t remote_port,
                              bool outbound) {
    return fmt::format(
        R"({{"actionType":"NETWORK_CONNECTION","networkConnectionAction":{{"connectionDirection":"{}","protocol":"TCP","blocked":false,"localIpDetails":{{"ipAddressV4":"{}"}},"localPortDetails":{{"port":{},"portName":"Unknown"}},"remoteIpDetails":{},"remotePortDetails":{{"port":{},"portName":"{}"}}}}}})",
        outbound ? "OUTBOUND" : "INBOUND",
        local,
        local_port,
        remote_details(remote),
        remote_port,
        remote_port == 443 ? "HTTPS" : "Unknown");
}

std::string probe_action(const std::string& local, uint16_t port, const std::string& remote) {
    return fmt::format(
        R"({{"actionType":"PORT_PROBE","portProbeAction":{{"blocked":false,"portProbeDetails":[{{"localPortDetails":{{"port":{},"portName":"{}"}},"localIpDetails":{{"ipAddressV4":"{}"}},"remoteIpDetails":{}}}]}}}})",
        port,
        port == 22 ? "SSH" : "Unknown",
        local,
        remote_details(remote));
}

std::string write_finding(const FindingDraft& draft, Scene& scene, std::string& id) {
    id.clear();
    append_hex(id, scene.random(), 32);
    const std::string& account = scene.account().id;
    const std::string& region = scene.site().region;
    const std::string& detector =
        scene.account().stock[static_cast<size_t>(Slot::detector)].front();
    const std::string arn = fmt::format(
        "arn:aws:guardduty:{}:{}:detector/{}/finding/{}", region, account, detector, id);
    return fmt::format(
        R"({{"schemaVersion":"2.0","accountId":"{}","region":"{}","partition":"aws","id":"{}","arn":"{}","type":"{}","resource":{},"service":{{"serviceName":"guardduty","detectorId":"{}","action":{},"resourceRole":"TARGET","additionalInfo":{},"evidence":null,"eventFirstSeen":"{}","eventLastSeen":"{}","archived":false,"count":{}}},"severity":{},"createdAt":"{}","updatedAt":"{}","title":{},"description":{}}})"
        "\n",
        account,
        region,
        id,
        arn,
        draft.type,
        draft.resource,
        detector,
        draft.action,
        draft.additional.empty() ? R"({"value":"{}","type":"default"})" : draft.additional,
        time_text(draft.first),
        time_text(draft.last),
        draft.count,
        draft.severity,
        time_text(scene.time()),
        time_text(scene.time()),
        json_quote(draft.title),
        json_quote(draft.description));
}

std::string finding_file(Scene& scene, Timestamp time) {
    std::string day = format_day(time);
    for (char& c : day) c = c == '-' ? '/' : c;
    std::string path =
        fmt::format("AWSLogs/{}/GuardDuty/{}/{}/", scene.account().id, scene.site().region, day);
    append_uuid(path, scene.random());
    return path + ".jsonl.gz";
}

}  // namespace yagura::simulate

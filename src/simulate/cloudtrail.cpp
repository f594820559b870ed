#include "simulate/cloudtrail.h"

namespace yagura::simulate {
namespace {

using std::chrono::floor;
using std::chrono::seconds;

void append_member(std::string& out, std::string_view name, std::string_view text) {
    out += ",\"";
    out += name;
    out += "\":\"";
    out += text;
    out += '"';
}

void append_outcome(std::string& out, const Action& action, Scene& scene, const Failure* failure) {
    if (failure) {
        append_member(out, "errorCode", failure->code);
        out += ",\"errorMessage\":\"";
        Template(failure->message).append(out, scene);
        out += '"';
    }
    out += ",\"requestParameters\":";
    action.request.append(out, scene);
    out += ",\"responseElements\":";
    if (failure) {
        out += "null";
    } else {
        action.response.append(out, scene);
    }
    if (action.has_extra) {
        out += ",\"additionalEventData\":";
        action.extra.append(out, scene);
    }
}

// S3 has request ids of its own.
void append_request_id(std::string& out, const Action& action, Random& random) {
    out += ",\"requestID\":\"";
    if (action.service == "s3") {
        append_upper(out, random, 16);
    } else {
        append_uuid(out, random);
    }
    out += '"';
}

void append_tls(std::string& out, const Action& action, const Scene& scene) {
    out +=
        R"(,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":")";
    out += action.service;
    if (!action.global) {
        out += '.';
        out += scene.site().region;
    }
    out += ".amazonaws.com\"}";
}

std::string_view event_type(const Action& action) {
    return action.service == "signin" ? "AwsConsoleSignIn" : "AwsApiCall";
}

}  // namespace

std::string append_record(std::string& out,
                          const Action& action,
                          const Session& session,
                          Scene& scene,
                          const Failure* failure) {
    std::string event_id;
    append_uuid(event_id, scene.random());

    out += R"({"eventVersion":"1.11","userIdentity":)";
    out += session.identity;
    append_member(out, "eventTime", format_iso8601(floor<seconds>(scene.time())));
    out += ",\"eventSource\":\"";
    out += action.service;
    out += ".amazonaws.com\"";
    append_member(out, "eventName", action.name);
    append_member(
        out, "awsRegion", action.global ? "us-east-1" : std::string_view(scene.site().region));
    append_member(out, "sourceIPAddress", session.address);
    append_member(out, "userAgent", session.user_agent);
    append_outcome(out, action, scene, failure);
    append_request_id(out, action, scene.random());
    append_member(out, "eventID", event_id);
    out += action.is_read_only() ? ",\"readOnly\":true" : ",\"readOnly\":false";
    if (action.has_resources) {
        out += ",\"resources\":[";
        action.resources.append(out, scene);
        out += ']';
    }
    append_member(out, "eventType", event_type(action));
    out += action.is_data() ? ",\"managementEvent\":false" : ",\"managementEvent\":true";
    append_member(out, "recipientAccountId", scene.account().id);
    if (session.from_service) {
        out += ",\"sharedEventID\":\"";
        append_uuid(out, scene.random());
        out += '"';
    }
    if (!session.endpoint_id.empty()) append_member(out, "vpcEndpointId", session.endpoint_id);
    append_member(out, "eventCategory", action.is_data() ? "Data" : "Management");
    if (!session.from_service) append_tls(out, action, scene);
    if (session.from_console && action.service != "signin")
        append_member(out, "sessionCredentialFromConsole", "true");
    out += '}';
    return event_id;
}

const Failure& access_denied(const Action& action) {
    static constexpr Failure kEc2 = {
        "Client.UnauthorizedOperation",
        "You are not authorized to perform this operation. User is not authorized to "
        "perform this operation because no identity-based policy allows the action. "
        "Encoded authorization failure message: $page$page$page"};
    static constexpr Failure kS3 = {"AccessDenied", "Access Denied"};
    static constexpr Failure kOther = {
        "AccessDenied",
        "User is not authorized to perform this operation on resource: "
        "arn:aws:iam::$account:* because no identity-based policy allows the action"};
    if (action.service == "ec2") return kEc2;
    return action.service == "s3" ? kS3 : kOther;
}

const Failure& everyday_failure(const Action& action, Random& random) {
    static constexpr Failure kNoKey = {"NoSuchKey", "The specified key does not exist."};
    static constexpr Failure kNoPolicy = {"NoSuchBucketPolicy", "The bucket policy does not exist"};
    static constexpr Failure kNoEntity = {"NoSuchEntityException",
                                          "The role with name $role cannot be found."};
    static constexpr Failure kNoParameter = {"ParameterNotFound", ""};
    static constexpr Failure kThrottled = {"ThrottlingException", "Rate exceeded"};
    static constexpr Failure kEc2Throttled = {"Client.RequestLimitExceeded",
                                              "Request limit exceeded."};
    if (random.chance(0.35)) return access_denied(action);
    if (action.service == "s3") return action.is_data() ? kNoKey : kNoPolicy;
    if (action.service == "iam") return kNoEntity;
    if (action.service == "ssm") return kNoParameter;
    return action.service == "ec2" ? kEc2Throttled : kThrottled;
}

}  // namespace yagura::simulate

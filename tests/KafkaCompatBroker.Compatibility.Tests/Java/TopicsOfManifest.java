import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/**
 * The part of the verifier's manifest that concerns topics, records, offsets, ids, features, producers and configs, compared with
 * the verifier's own methods. The whole verifier also asks for groups, transactions, quotas and users, and gives up without them.
 */
public final class TopicsOfManifest {
    public static void main(String[] arguments) throws Exception {
        Properties client = new Properties();
        client.put("bootstrap.servers", DataDir.bootstrap = arguments[0]);
        client.put("default.api.timeout.ms", "20000");
        client.put("request.timeout.ms", "10000");
        DataDir.admin = Admin.create(client);
        JsonNode manifest = Json.MAPPER.readTree(Files.readAllBytes(Paths.get(arguments[1])));
        try {
            cluster(manifest);
            topics(manifest);
            producers(manifest);
            configs(manifest.get("dynamicConfigs"));
        } catch (Exception e) {
            DataDir.check("everything can be read", false, e);
        }
        System.out.println(DataDir.passed + " passed, " + DataDir.failed + " failed");
        Runtime.getRuntime().halt(DataDir.failed == 0 ? 0 : 1);
    }

    private static void cluster(JsonNode manifest) throws Exception {
        DataDir.check("cluster id", DataDir.get(DataDir.admin.describeCluster().clusterId()).equals(manifest.get("clusterId").asText()), "differs");
        ObjectNode features = Json.obj();
        new TreeMap<>(DataDir.get(DataDir.admin.describeFeatures().featureMetadata()).finalizedFeatures())
            .forEach((name, level) -> features.put(name, level.maxVersionLevel()));
        DataDir.sameFields("feature", manifest.get("features"), again(features));
    }

    private static void topics(JsonNode manifest) throws Exception {
        Set<String> there = DataDir.get(DataDir.admin.listTopics(new ListTopicsOptions().listInternal(true)).names());
        Set<String> all = new TreeSet<>(there);
        manifest.get("topics").fieldNames().forEachRemaining(all::add);
        Map<String, TopicDescription> found = DataDir.get(DataDir.admin.describeTopics(there).allTopicNames());
        for (String name : all) {
            JsonNode wanted = manifest.get("topics").get(name);
            TopicDescription topic = found.get(name);
            DataDir.check("topic " + name, wanted != null && topic != null, wanted == null ? "is there and should not be" : "is not there");
            if (wanted != null && topic != null) topic(wanted, topic);
        }
    }

    private static void topic(JsonNode wanted, TopicDescription topic) throws Exception {
        String name = topic.name();
        DataDir.check("topic " + name + " id", wanted.get("topicId").asText().equals(topic.topicId().toString()), topic.topicId());
        DataDir.check("topic " + name + " internal", wanted.get("internal").asBoolean() == topic.isInternal(), topic.isInternal());
        DataDir.check("topic " + name + " partitions", wanted.get("partitionCount").asInt() == topic.partitions().size(), topic.partitions().size());
        DataDir.sameFields("topic " + name + " config", wanted.get("configs"),
            again(DataDir.config(ConfigResource.Type.TOPIC, name, ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)));
        boolean compacted = wanted.get("configs").path("cleanup.policy").asText().contains("compact");
        for (int p = 0; p < topic.partitions().size() && !DataDir.INTERNAL.contains(name); p++) {
            JsonNode partition = wanted.get("partitions").get(p);
            DataDir.comparePartition(name + "-" + p, compacted, partition, again(DataDir.partition(name, topic.partitions().get(p), partition)));
        }
    }

    private static void producers(JsonNode manifest) throws Exception {
        ObjectNode found = Json.obj();
        for (var states : DataDir.get(DataDir.admin.describeProducers(List.of(new TopicPartition("idempotent", 0))).all()).entrySet()) {
            var list = found.putArray(states.getKey().toString());
            states.getValue().activeProducers().stream().sorted((a, b) -> Long.compare(a.producerId(), b.producerId())).forEach(s -> list.add(Json.obj()
                .put("producerId", s.producerId()).put("producerEpoch", s.producerEpoch())
                .put("lastSequence", s.lastSequence()).put("lastTimestamp", s.lastTimestamp())));
        }
        DataDir.sameFields("producers of", manifest.get("producers"), again(found));
    }

    private static void configs(JsonNode wanted) throws Exception {
        ObjectNode found = Json.obj();
        found.set("broker-default", DataDir.config(ConfigResource.Type.BROKER, "", ConfigEntry.ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG));
        found.set("broker-1", DataDir.config(ConfigResource.Type.BROKER, "1", ConfigEntry.ConfigSource.DYNAMIC_BROKER_CONFIG));
        Set<ConfigResource.Type> types = Set.of(ConfigResource.Type.GROUP, ConfigResource.Type.CLIENT_METRICS);
        for (ConfigResource r : DataDir.get(DataDir.admin.listConfigResources(types, new ListConfigResourcesOptions()).all())) {
            boolean metrics = r.type() == ConfigResource.Type.CLIENT_METRICS;
            found.set((metrics ? "client-metrics-" : "group-") + r.name(), DataDir.config(r.type(), r.name(),
                metrics ? ConfigEntry.ConfigSource.DYNAMIC_CLIENT_METRICS_CONFIG : ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG));
        }
        for (var names = wanted.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            DataDir.sameFields("dynamic config of " + name, wanted.get(name), again(found).get(name));
        }
    }

    /** Through text, so that numbers of equal value are equal nodes. */
    private static JsonNode again(ObjectNode node) throws Exception {
        return Json.MAPPER.readTree(Json.line(node));
    }
}

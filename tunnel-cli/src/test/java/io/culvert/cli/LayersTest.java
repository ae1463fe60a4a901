package io.culvert.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Each option can be given in three places and means the same in each. */
final class LayersTest {
  private static final List<String> COMMANDS =
      List.of("relay", "agent", "connect", "status", "token");

  /** A value for each option that is not its default. */
  private static final Map<String, String> SAMPLES =
      Map.ofEntries(
          Map.entry("--port", "8443"),
          Map.entry("--agent-port", "8444"),
          Map.entry("--admin-port", "9191"),
          Map.entry("--bind", "127.0.0.2"),
          Map.entry("--domain", "example.com"),
          Map.entry("--default-name", "front"),
          Map.entry("--tls-cert", "chain.pem"),
          Map.entry("--tls-key", "key.pem"),
          Map.entry("--token-file", "tokens"),
          Map.entry("--jwt-issuer", "https://issuer.example"),
          Map.entry("--jwt-audience", "relay"),
          Map.entry("--jwt-keys", "https://issuer.example/keys"),
          Map.entry("--jwt-claim", "rights"),
          Map.entry("--access-file", "access.yaml"),
          Map.entry("--trusted-proxies", "10.0.0.0/8,192.0.2.1"),
          Map.entry("--agent-wait", "7s"),
          Map.entry("--resume-timeout", "2m"),
          Map.entry("--heartbeat", "700ms"),
          Map.entry("--log", "json"),
          Map.entry("--verbose", "true"),
          Map.entry("--generate", "systemd"),
          Map.entry("--relay", "wss://other.example"),
          Map.entry("--name", "others"),
          Map.entry("--token", "abc.def"),
          Map.entry("--proxy", "http://proxy.example:3128"),
          Map.entry("--ca", "ca.pem"),
          Map.entry("--dial-timeout", "3s"),
          Map.entry("--to", "http://localhost:4000"),
          Map.entry("--serve", "public"),
          Map.entry("--openapi", "api.yaml"),
          Map.entry("--host-header", "dev.example"),
          Map.entry("--upstream-ca", "up.pem"),
          Map.entry("--insecure-upstream", "true"),
          Map.entry("--connect-timeout", "4s"),
          Map.entry("--health", "1h"),
          Map.entry("--id", "one"),
          Map.entry("--listen", "0.0.0.0:1"),
          Map.entry("--admin", "http://127.0.0.1:1"),
          Map.entry("--json", "true"),
          Map.entry("--out", "new.token"),
          Map.entry("--identity", "bob"),
          Map.entry("--scope", "serve:others,admin"));

  private static final Map<String, String> REQUIRED =
      Map.of(
          "--relay", "ws://localhost:1",
          "--name", "pets",
          "--listen", "3000",
          "--identity", "ann",
          "--scope", "serve:pets");

  @TempDir Path directory;

  static Stream<String[]> options() {
    return COMMANDS.stream()
        .flatMap(
            command ->
                cli(Map.of(), ConfigFile.NONE)
                    .getSubcommands()
                    .get(command)
                    .getCommandSpec()
                    .options()
                    .stream()
                    .filter(Layers::isLayered)
                    .map(OptionSpec::longestName)
                    .filter(option -> !option.equals("--config"))
                    .map(option -> new String[] {command, option}));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("options")
  void anOptionMeansTheSameInAllThreePlaces(String command, String option) throws IOException {
    String sample = SAMPLES.get(option);
    assertNotNull(sample, () -> "give a sample of " + option);
    Object byDefault = value(command, option, Map.of(), ConfigFile.NONE);
    Object typed = value(command, option, Map.of(), ConfigFile.NONE, option, sample);
    assertNotEquals(text(byDefault), text(typed));
    Map<String, String> environment = Map.of(Layers.variable(option), sample);
    assertEquals(text(typed), text(value(command, option, environment, ConfigFile.NONE)));
    ConfigFile file = file(option.substring(2) + ": \"" + sample + "\"");
    assertEquals(text(typed), text(value(command, option, Map.of(), file)));
  }

  @Test
  void theCommandLineCountsBeforeTheEnvironmentAndThatBeforeTheFile() throws IOException {
    ConfigFile file = file("port: 3");
    Map<String, String> environment = Map.of("CULVERT_PORT", "2");
    assertEquals(1, value("relay", "--port", environment, file, "--port", "1"));
    assertEquals(2, value("relay", "--port", environment, file));
    assertEquals(3, value("relay", "--port", Map.of(), file));
    assertEquals(8080, value("relay", "--port", Map.of(), ConfigFile.NONE));
  }

  @Test
  void anEmptyVariableIsNotSet() throws IOException {
    assertEquals(3, value("relay", "--port", Map.of("CULVERT_PORT", ""), file("port: 3")));
  }

  @Test
  void aListInTheFileIsLikeOneWithCommas() throws IOException {
    assertEquals(
        List.of("10.0.0.0/8", "::1"),
        value(
            "relay",
            "--trusted-proxies",
            Map.of(),
            file("trusted-proxies:\n- 10.0.0.0/8\n- \"::1\"")));
  }

  @Test
  void theFileCanBeNamedInTheEnvironment() throws IOException {
    Path file = Files.writeString(directory.resolve("relay.yaml"), "port: 4711\n");
    Run run = Run.in(Map.of("CULVERT_CONFIG", file.toString()), "relay");
    assertEquals(4711, ((RelaySettings) run.settings.get(0)).address().getPort());
  }

  private ConfigFile file(String text) throws IOException {
    return ConfigFile.read(Files.writeString(directory.resolve("culvert.yaml"), text));
  }

  private static CommandLine cli(Map<String, String> environment, ConfigFile file) {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    Surroundings surroundings = new Surroundings(environment, nowhere, nowhere, Optional.empty());
    return new Cli(surroundings, new LiveServices()).commandLine(file);
  }

  /** What an option is, once the command's required ones are given too. */
  private static Object value(
      String command,
      String option,
      Map<String, String> environment,
      ConfigFile file,
      String... args) {
    CommandLine root = cli(environment, file);
    CommandLine sub = root.getSubcommands().get(command);
    List<String> line = new ArrayList<>(List.of(command));
    REQUIRED.forEach(
        (name, sample) -> {
          if (!name.equals(option) && sub.getCommandSpec().findOption(name) != null) {
            line.addAll(List.of(name, sample));
          }
        });
    OptionSpec spec = sub.getCommandSpec().findOption(option);
    boolean given = args.length > 0 || !environment.isEmpty() || file != ConfigFile.NONE;
    if (spec.required() && !given) {
      return null;
    }
    boolean flag = spec.arity().max() == 0;
    line.addAll(flag && args.length > 0 ? List.of(args[0]) : Arrays.asList(args));
    root.parseArgs(line.toArray(String[]::new));
    return spec.getValue();
  }

  private static String text(Object value) {
    return Objects.toString(value);
  }
}

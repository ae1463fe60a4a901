package io.culvert.cli;

import io.culvert.rendezvous.Rendezvous;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code culvert relay}. */
@Command
final class RelayOptions {
  private static final Pattern DOMAIN =
      Pattern.compile("(?i)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

  @Option(
      names = "--port",
      paramLabel = "PORT",
      converter = Ports.class,
      defaultValue = "8080",
      description = "Takes public HTTP, and agents. 0 is a free one. Default: 8080.")
  int port;

  @Option(
      names = "--agent-port",
      paramLabel = "PORT",
      converter = Ports.class,
      description = "Takes agents and callers here, and nothing else. Default: on --port.")
  Integer agentPort;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      converter = Ports.class,
      description =
          "/status, /metrics and /healthz, on 127.0.0.1; the first two need a token with the scope"
              + " admin if the relay takes tokens. Default: off.")
  Integer adminPort;

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      description =
          "The address to listen on. Default: every address of the machine; without a token file"
              + " and without --jwt-issuer 127.0.0.1.")
  String bind;

  @Option(
      names = "--domain",
      paramLabel = "DOMAIN",
      defaultValue = "localhost",
      description = "The name pets is reached at pets.DOMAIN. Default: localhost.")
  String domain;

  @Option(
      names = "--default-name",
      paramLabel = "NAME",
      description = "Who is reached by a host that is no name.DOMAIN. Default: nobody.")
  String defaultName;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description =
          "PEM file with the certificate chain, the own one first; read anew when it changes."
              + " Default: no TLS.")
  Path tlsCert;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "PEM file with the private key of --tls-cert.")
  Path tlsKey;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "YAML file of the tokens that agents and callers may show; read anew when it changes."
              + " culvert token makes its entries. Default: everybody gets in, from this machine.")
  Path tokenFile;

  @Mixin JwtOptions jwt;

  @Option(
      names = "--access-file",
      paramLabel = "FILE",
      description =
          "YAML file that says who may reach which name by public HTTP; read anew when it changes."
              + " Default: everybody.")
  Path accessFile;

  @Option(
      names = "--trusted-proxies",
      paramLabel = "RANGE",
      split = ",",
      description =
          "Addresses and ranges, such as 10.0.0.0/8, of proxies in front of the relay whose"
              + " X-Forwarded headers are believed. With commas or given several times. Default:"
              + " none.")
  List<String> trustedProxies = List.of();

  @Option(
      names = "--agent-wait",
      paramLabel = "TIME",
      converter = Durations.class,
      defaultValue = "10s",
      description =
          "How long a request waits for an agent that was there not long ago. Default: 10s.")
  Duration agentWait;

  @Option(
      names = "--resume-timeout",
      paramLabel = "TIME",
      converter = Durations.class,
      defaultValue = "60s",
      description =
          "How long a connection is kept while its network is away; 0 is not at all. Default: 60s.")
  Duration resumeTimeout;

  @Option(
      names = "--heartbeat",
      paramLabel = "TIME",
      converter = Durations.class,
      defaultValue = "15s",
      description =
          "After this long without a sign of life an agent is asked for one; 10s later without an"
              + " answer its WebSocket is given up. Default: 15s.")
  Duration heartbeat;

  /** What they say, checked. */
  RelaySettings settings() {
    if ((tlsCert == null) != (tlsKey == null)) {
      throw CliException.usage("--tls-cert and --tls-key go together; give both");
    }
    if (!DOMAIN.matcher(domain).matches()) {
      throw CliException.usage("--domain: expected a host name, but got " + domain);
    }
    if (defaultName != null && !Rendezvous.isName(defaultName)) {
      throw CliException.usage(
          "--default-name: expected one label of a host name in lower case, but got "
              + defaultName);
    }
    if (heartbeat.isZero()) {
      throw CliException.usage("--heartbeat: expected more than 0");
    }
    Optional<Path> tokens = OptionFiles.readable("--token-file", tokenFile);
    Optional<JwtSettings> tokensOfIssuer = jwt.settings();
    if (tokens.isPresent() && tokensOfIssuer.isPresent()) {
      throw CliException.usage("--token-file and --jwt-issuer are both given; keep one");
    }
    boolean open = tokens.isEmpty() && tokensOfIssuer.isEmpty();
    InetAddress address = address(open);
    return new RelaySettings(
        new InetSocketAddress(address, port),
        Optional.ofNullable(agentPort).map(p -> new InetSocketAddress(address, p)),
        Optional.ofNullable(adminPort)
            .map(p -> new InetSocketAddress(InetAddress.getLoopbackAddress(), p)),
        domain,
        Optional.ofNullable(defaultName),
        OptionFiles.readable("--tls-cert", tlsCert),
        OptionFiles.readable("--tls-key", tlsKey),
        tokens,
        tokensOfIssuer,
        OptionFiles.readable("--access-file", accessFile),
        List.copyOf(trustedProxies),
        agentWait,
        resumeTimeout,
        heartbeat);
  }

  private InetAddress address(boolean open) {
    if (bind == null) {
      return open ? InetAddress.getLoopbackAddress() : new InetSocketAddress(0).getAddress();
    }
    InetAddress address;
    try {
      address = InetAddress.getByName(bind);
    } catch (UnknownHostException e) {
      throw CliException.usage("--bind: expected an address of this machine, but got " + bind);
    }
    if (open && !address.isLoopbackAddress()) {
      throw CliException.usage(
          "--bind "
              + bind
              + " would let everybody be an agent: give --token-file or --jwt-issuer, or bind"
              + " 127.0.0.1");
    }
    return address;
  }
}

package io.culvert.cli;

import io.culvert.relay.Relay;
import io.culvert.relay.access.IpRange;
import io.culvert.relay.access.PublicAccess;
import io.culvert.relay.access.TokenFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A relay from its start to a signal. */
final class LiveRelay {
  private static final Logger LOG = LoggerFactory.getLogger(LiveRelay.class);

  private LiveRelay() {}

  static int run(RelaySettings settings, Lifetime lifetime) {
    try (TokenFile tokens = tokens(settings);
        PublicAccess access = access(settings)) {
      try (Relay relay = start(settings, tokens, access)) {
        announce(relay, settings);
        int status = lifetime.await();
        LOG.info("Stopping: running requests have {} s", Relay.STOP_TIMEOUT.toSeconds());
        return status;
      }
    }
  }

  /** Null without a file. */
  private static TokenFile tokens(RelaySettings settings) {
    if (settings.tokenFile().isEmpty()) {
      return null;
    }
    try {
      return TokenFile.open(settings.tokenFile().get());
    } catch (IOException e) {
      throw CliException.usage(e.getMessage());
    }
  }

  private static PublicAccess access(RelaySettings settings) {
    try {
      return settings.accessFile().isPresent()
          ? PublicAccess.open(settings.accessFile().get())
          : PublicAccess.open();
    } catch (IOException e) {
      throw CliException.usage(e.getMessage());
    }
  }

  private static Predicate<InetAddress> trusted(List<String> ranges) {
    try {
      return IpRange.anyOf(ranges.stream().map(IpRange::parse).toList());
    } catch (IllegalArgumentException e) {
      throw CliException.usage("--trusted-proxies: " + e.getMessage());
    }
  }

  private static Relay start(RelaySettings settings, TokenFile tokens, PublicAccess access) {
    Relay.Builder builder =
        Relay.builder()
            .address(settings.address())
            .domain(settings.domain())
            .publicAccess(access)
            .trustedProxies(trusted(settings.trustedProxies()))
            .agentWait(settings.agentWait())
            .resumeTimeout(settings.resumeTimeout())
            .heartbeat(settings.heartbeat(), Dialing.HEARTBEAT_TIMEOUT);
    settings.agentAddress().ifPresent(builder::agentAddress);
    settings.adminAddress().ifPresent(builder::adminAddress);
    settings.defaultName().ifPresent(builder::defaultName);
    if (tokens != null) {
      builder.credentials(tokens);
    }
    if (settings.jwt().isPresent()) {
      // What protects is in force or refused, but never ignored.
      throw CliException.usage(
          "--jwt-issuer is not in this version: leave it out and use --token-file");
    }
    try {
      if (settings.tlsCert().isPresent()) {
        Path key = settings.tlsKey().orElseThrow();
        builder.tls(settings.tlsCert().get(), key);
      }
    } catch (IOException e) {
      throw CliException.usage(e.getMessage());
    }
    try {
      return builder.build().start();
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage());
    } catch (IOException e) {
      throw CliException.unreachable(e.getMessage(), e);
    }
  }

  private static void announce(Relay relay, RelaySettings settings) {
    String scheme = settings.tlsCert().isPresent() ? "https" : "http";
    LOG.info(
        "Relay ready: {}://NAME.{}:{} on {}",
        scheme,
        settings.domain(),
        relay.address().getPort(),
        text(relay.address()));
    settings
        .agentAddress()
        .ifPresent(own -> LOG.info("Agents and callers: {}", text(relay.agentAddress())));
    relay.adminAddress().ifPresent(admin -> LOG.info("Status and metrics: {}", text(admin)));
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}

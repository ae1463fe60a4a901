package io.culvert.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * A systemd unit that runs a command as it was typed. Secrets go to it as credentials: files that
 * only root can read become readable for the service's own user, and for nobody else.
 */
final class SystemdUnit {
  private static final Set<String> LEFT_OUT = Set.of("--generate", "--token");

  /** Options whose file may be a secret, or at least is not for everybody: not the certificate. */
  private static final Set<String> CREDENTIALS =
      Set.of("--config", "--token-file", "--access-file", "--tls-key", "--tls-cert");

  /** As {@link #CREDENTIALS}, but public. */
  private static final Set<String> FILES =
      Set.of("--ca", "--upstream-ca", "--openapi", "--serve", "--jwt-keys");

  private final List<String> command = new ArrayList<>();
  private final List<String> credentials = new ArrayList<>();
  private final String name;
  private boolean lowPort;

  private SystemdUnit(String name) {
    this.name = name;
  }

  /** The unit for a command line, in the form of systemd.service(5). */
  static String of(ParseResult parsed) {
    SystemdUnit unit = new SystemdUnit(parsed.commandSpec().name());
    if (!parsed.hasMatchedOption("--log")) {
      unit.command.addAll(List.of("--log", "text"));
    }
    for (OptionSpec option : parsed.matchedOptions()) {
      if (!LEFT_OUT.contains(option.longestName())) {
        unit.add(option);
      }
    }
    return unit.text();
  }

  private void add(OptionSpec option) {
    String key = option.longestName();
    command.add(key);
    if (option.arity().max() == 0) {
      return;
    }
    String value = String.join(",", option.originalStringValues());
    if (CREDENTIALS.contains(key)) {
      String id = Layers.key(option);
      credentials.add(id + ":" + escape(absolute(value)));
      command.add("${CREDENTIALS_DIRECTORY}/" + id);
      return;
    }
    boolean file = FILES.contains(key) && !value.contains("://");
    lowPort |= key.endsWith("port") && value.length() < 5 && Integer.parseInt(value) < 1024;
    command.add(quote(file ? absolute(value) : value));
  }

  private static String absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize().toString();
  }

  /**
   * What a unit file takes as one argument, whatever is in it (systemd.service(5), "Command
   * lines").
   */
  private static String quote(String value) {
    String escaped = escape(value).replace("$", "$$");
    return escaped.matches("[A-Za-z0-9_./:,=@%$~*?+\\[\\]-]+")
        ? escaped
        : '"' + escaped.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String escape(String value) {
    return value.replace("%", "%%");
  }

  private String text() {
    List<String> lines = new ArrayList<>();
    lines.add("# /etc/systemd/system/culvert-" + name + ".service");
    lines.add("# systemctl daemon-reload && systemctl enable --now culvert-" + name);
    lines.add("[Unit]");
    lines.add("Description=Culvert " + name);
    lines.add("Documentation=man:systemd.exec(5)");
    lines.add("Wants=network-online.target");
    lines.add("After=network-online.target");
    lines.add("# An outage of any length must not make systemd give up.");
    lines.add("StartLimitIntervalSec=0");
    lines.add("");
    lines.add("[Service]");
    lines.add("ExecStart=/usr/local/bin/culvert " + name + " " + joined());
    credentials.forEach(c -> lines.add("LoadCredential=" + c));
    lines.addAll(RUNNING);
    if (lowPort) {
      lines.add("AmbientCapabilities=CAP_NET_BIND_SERVICE");
      lines.add("CapabilityBoundingSet=CAP_NET_BIND_SERVICE");
    } else {
      lines.add("CapabilityBoundingSet=");
    }
    lines.add("");
    lines.add("[Install]");
    lines.add("WantedBy=multi-user.target");
    return String.join("\n", lines) + "\n";
  }

  private String joined() {
    return String.join(" ", command);
  }

  /**
   * MemoryDenyWriteExecute is not among them: a JVM compiles while it runs. The stop timeout is
   * longer than the command takes to let requests finish.
   */
  private static final List<String> RUNNING =
      List.of(
          "Restart=always",
          "RestartSec=2",
          "# A wrong option, or a token that is refused, does not get better by itself.",
          "RestartPreventExitStatus=2 4",
          "SuccessExitStatus=143",
          "TimeoutStopSec=30",
          "LimitNOFILE=65536",
          "DynamicUser=yes",
          "NoNewPrivileges=yes",
          "ProtectSystem=strict",
          "ProtectHome=read-only",
          "PrivateTmp=yes",
          "PrivateDevices=yes",
          "ProtectKernelTunables=yes",
          "ProtectKernelModules=yes",
          "ProtectKernelLogs=yes",
          "ProtectControlGroups=yes",
          "ProtectClock=yes",
          "ProtectHostname=yes",
          "ProtectProc=invisible",
          "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
          "RestrictNamespaces=yes",
          "RestrictRealtime=yes",
          "RestrictSUIDSGID=yes",
          "LockPersonality=yes",
          "SystemCallArchitectures=native",
          "SystemCallFilter=@system-service",
          "UMask=0077",
          "# Where the start-up archive is kept, see scripts/culvert.",
          "CacheDirectory=culvert");
}

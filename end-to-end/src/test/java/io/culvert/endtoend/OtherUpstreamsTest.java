package io.culvert.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Services that are not ours behind an agent: nginx, Node and gRPC. */
@Timeout(300) // a hang guard
class OtherUpstreamsTest {
  private static final long LARGE = Long.getLong("large.mib", 64) << 20;

  @TempDir private Path folder;

  @Test
  void nginxServesFiles() throws Exception {
    assumeTrue(Program.installed("nginx"), "nginx is not installed");
    Path files = Files.createDirectory(folder.resolve("files"));
    Files.copy(new Bytes(LARGE), files.resolve("large"));
    Files.writeString(files.resolve("small"), "small\n");
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path configuration = folder.resolve("nginx.conf");
    Files.writeString(configuration, nginx(port));
    try (Program nginx =
            Program.start(
                "nginx", "nginx", "-p", folder.toString(), "-c", configuration.toString());
        Tunnel tunnel = new Tunnel()) {
      assertTrue(nginx.running());
      tunnel.agent("http://127.0.0.1:" + port);

      assertEquals("small\n", Program.curl(tunnel.publicUrl("/small")));
      Path copy = folder.resolve("copy");
      Program.curl("-o", copy.toString(), tunnel.publicUrl("/large"));
      assertSame(copy);
      // nginx says what it has got by what it then has.
      Program.curl("-T", copy.toString(), tunnel.publicUrl("/put/large"));
      assertSame(files.resolve("put/large"));
      assertEquals("all", Program.curl("-r", "2-4", "-w", "", tunnel.publicUrl("/small")));
      assertTrue(
          Program.curl("-I", tunnel.publicUrl("/large")).contains("Content-Length: " + LARGE));
    }
  }

  private static void assertSame(Path copy) throws Exception {
    try (InputStream in = Files.newInputStream(copy)) {
      assertEquals(Bytes.digest(new Bytes(LARGE)), Bytes.digest(in));
    }
  }

  private static String nginx(int port) {
    return """
        daemon off; master_process off; pid nginx.pid; error_log stderr;
        events {}
        http {
          access_log off;
          client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi; scgi_temp_path scgi;
          server {
            listen 127.0.0.1:PORT;
            root files;
            client_max_body_size 0;
            location /put/ { dav_methods PUT; create_full_put_path on; }
          }
        }
        """
        .replace("PORT", Integer.toString(port));
  }

  @Test
  void nodeAnswers() throws Exception {
    assumeTrue(Program.installed("node"), "node is not installed");
    Path script = folder.resolve("upstream.mjs");
    try (InputStream in = getClass().getResourceAsStream("/upstream.mjs")) {
      Files.copy(in, script);
    }
    try (Program node = Program.start("node", "node", script.toString());
        Tunnel tunnel = new Tunnel()) {
      String port = node.await("listening on ([0-9]+)");
      tunnel.agent("http://127.0.0.1:" + port);

      assertEquals("hello from node\n", Program.curl(tunnel.publicUrl("/hello")));
      // curl asks for 100-continue by itself before a body of this size.
      Path body = folder.resolve("body");
      Files.copy(new Bytes(3 << 20), body);
      String file = "@" + body;
      String answer =
          Program.curl("-v", "--stderr", "-", "--data-binary", file, tunnel.publicUrl("/digest"));
      assertTrue(answer.contains("HTTP/1.1 100"), answer);
      assertTrue(answer.contains(Bytes.digest(new Bytes(3 << 20))), answer);
      String refused =
          Program.curl(
              "-H",
              "X-Refuse: 1",
              "-w",
              " %{http_code} %{size_upload}",
              "--data-binary",
              file,
              tunnel.publicUrl("/digest"));
      assertEquals("no 417 0", refused);
      assertArrayEquals(
          Files.readAllBytes(body),
          Program.run(List.of("curl", "-sS", "--data-binary", file, tunnel.publicUrl("/echo"))));
    }
  }

  @Test
  void aDevelopmentServerIsToldItsOwnHost() throws Exception {
    assumeTrue(Program.installed("node"), "node is not installed");
    Path script = folder.resolve("upstream.mjs");
    try (InputStream in = getClass().getResourceAsStream("/upstream.mjs")) {
      Files.copy(in, script);
    }
    try (Program node = Program.start("node", "node", script.toString());
        Tunnel tunnel = new Tunnel()) {
      String port = node.await("listening on ([0-9]+)");
      tunnel.agent("http://127.0.0.1:" + port, "--host-header", "dev.example");
      assertEquals("dev.example", Program.curl(tunnel.publicUrl("/host")));
    }
  }

  @Test
  void gRpcCallsPass() throws Exception {
    Server server = GrpcEcho.start();
    try (Tunnel tunnel = new Tunnel()) {
      tunnel.agent("h2c://127.0.0.1:" + server.getPort());
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", tunnel.port()).usePlaintext().build();
      try {
        byte[] message = new Bytes(100_000).readAllBytes();
        for (int i = 0; i < 50; i++) {
          assertArrayEquals(
              message,
              ClientCalls.blockingUnaryCall(channel, GrpcEcho.UNARY, CallOptions.DEFAULT, message));
        }
        lockStep(channel);
      } finally {
        channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
      }
    } finally {
      server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  /** Each message is sent when the answer to the one before has come. */
  private static void lockStep(ManagedChannel channel) throws Exception {
    BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
    CompletableFuture<Void> done = new CompletableFuture<>();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(GrpcEcho.STREAM, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(byte[] answer) {
                answers.add(answer);
              }

              @Override
              public void onError(Throwable failure) {
                done.completeExceptionally(failure);
              }

              @Override
              public void onCompleted() {
                done.complete(null);
              }
            });
    for (int i = 0; i < 200; i++) {
      byte[] message = ("message " + i).getBytes(UTF_8);
      requests.onNext(message);
      assertArrayEquals(message, answers.poll(30, TimeUnit.SECONDS));
    }
    requests.onCompleted();
    done.get(30, TimeUnit.SECONDS);
  }

  @Test
  void h2loadFindsNoError() throws Exception {
    assumeTrue(Program.installed("h2load"), "h2load is not installed");
    try (JettyUpstream upstream = new JettyUpstream();
        Tunnel tunnel = new Tunnel()) {
      tunnel.agent(upstream.uri().toString());
      String report =
          new String(
              Program.run(
                  List.of(
                      "h2load",
                      "-n",
                      "2000",
                      "-c",
                      "4",
                      "-m",
                      "16",
                      "http://127.0.0.1:" + tunnel.port() + "/hello")),
              UTF_8);
      Matcher counts =
          Pattern.compile("requests: 2000 total.* 2000 succeeded, 0 failed").matcher(report);
      assertTrue(counts.find(), report);
      assertTrue(report.contains("status codes: 2000 2xx"), report);
    }
  }
}

package io.culvert.endtoend;

import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A gRPC service whose messages are plain bytes: one call answers once, the other each message. */
final class GrpcEcho implements BindableService {
  private static final Plain PLAIN = new Plain();

  static final MethodDescriptor<byte[], byte[]> UNARY =
      method("Unary", MethodDescriptor.MethodType.UNARY);
  static final MethodDescriptor<byte[], byte[]> STREAM =
      method("Stream", MethodDescriptor.MethodType.BIDI_STREAMING);

  private static MethodDescriptor<byte[], byte[]> method(
      String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.newBuilder(PLAIN, PLAIN)
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName("culvert.Echo", name))
        .build();
  }

  static Server start() throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .addService(new GrpcEcho())
        .build()
        .start();
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder("culvert.Echo")
        .addMethod(
            UNARY,
            ServerCalls.asyncUnaryCall(
                (request, answer) -> {
                  answer.onNext(request);
                  answer.onCompleted();
                }))
        .addMethod(STREAM, ServerCalls.asyncBidiStreamingCall(Echo::new))
        .build();
  }

  /** Answers each message with itself. */
  private record Echo(StreamObserver<byte[]> answer) implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] message) {
      answer.onNext(message);
    }

    @Override
    public void onError(Throwable failure) {
      // The caller has gone: there is nobody to answer.
    }

    @Override
    public void onCompleted() {
      answer.onCompleted();
    }
  }

  private static final class Plain implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

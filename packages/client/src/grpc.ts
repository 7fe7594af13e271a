/**
 * Everything by gRPC, with `@grpc/grpc-js`: the coordinator, and the branches of a service.
 *
 * @module
 */
export {
  grpcBackCheck,
  grpcBranch,
  type GrpcBranchCall,
  type GrpcBranchOptions,
  type GrpcMethod,
} from './grpc/grpc-branch.js';
export { grpcCoordinator, type GrpcCoordinator, type GrpcCoordinatorOptions } from './grpc/grpc-coordinator.js';

# pragma version ==0.4.3
# pragma evm-version paris
"""
@title A token that keeps one percent of every transfer
@notice For tests only.
"""

balanceOf: public(HashMap[address, uint256])


@external
def mint(to: address, amount: uint256):
    self.balanceOf[to] += amount


@external
def transfer(to: address, amount: uint256) -> bool:
    fee: uint256 = amount // 100
    self.balanceOf[msg.sender] -= amount
    self.balanceOf[to] += amount - fee
    return True

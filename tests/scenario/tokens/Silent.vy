# pragma version ==0.4.3
# pragma evm-version paris
"""
@title A token whose transfer answers nothing
@notice For tests only.
"""

balanceOf: public(HashMap[address, uint256])


@external
def mint(to: address, amount: uint256):
    self.balanceOf[to] += amount


@external
def transfer(to: address, amount: uint256):
    self.balanceOf[msg.sender] -= amount
    self.balanceOf[to] += amount
